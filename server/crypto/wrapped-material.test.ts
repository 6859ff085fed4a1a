// Material wrapped by openssl as an operator would, and everything that is none.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { KeySpec, WrappingAlgorithm } from './algorithms.ts'
import { encryptOaep } from './encryption.ts'
import { exportPublicKey, type KeyPair, newKeyPair, withPrivateKeyBytes } from './key-pair.ts'
import { randomBytes } from './random.ts'
import { withKeyBytes } from './secret-key.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'
import { wrapWithOpenssl } from './testing/wrap-with-openssl.ts'
import { readForeignMaterial, unwrapMaterial } from './wrapped-material.ts'

let pair: KeyPair
let spki: Buffer
beforeAll(async () => {
  pair = await newKeyPair('RSA_2048')
  spki = exportPublicKey(pair.publicKey)
})

const unwrap = (algorithm: WrappingAlgorithm, wrapped: Uint8Array) =>
  unwrapMaterial(pair.privateKey, algorithm, wrapped)

/** PKCS #8 as openssl makes it of another form. */
function pkcs8By(key: Buffer, ...options: readonly string[]): Buffer {
  const to = ['-topk8', '-nocrypt', '-outform', 'DER', '-out', 'out']
  return openssl({ key }, 'pkcs8', ...to, ...options).out
}

/** A new key, as PKCS #8. */
function opensslKey(...options: readonly string[]): Buffer {
  const { out: key } = openssl({}, 'genpkey', ...options, '-out', 'out')
  return pkcs8By(key, '-in', 'key')
}

describe.skipIf(!hasOpenssl)('What openssl wraps', () => {
  it.each<WrappingAlgorithm>([
    'RSAES_OAEP_SHA_1',
    'RSAES_OAEP_SHA_256',
    'RSA_AES_KEY_WRAP_SHA_1',
    'RSA_AES_KEY_WRAP_SHA_256',
  ])('by %s is unwrapped by it, and by no other', async (algorithm) => {
    const material = randomBytes(32)
    const wrapped = wrapWithOpenssl(algorithm, spki, material)
    expect(await unwrap(algorithm, wrapped)).toEqual(material)
    const others = (['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const)
      .flatMap((one) => [one, one.replace('RSAES_OAEP', 'RSA_AES_KEY_WRAP') as WrappingAlgorithm])
      .filter((one) => one !== algorithm)
    for (const other of others) expect(await unwrap(other, wrapped)).toBeUndefined()
    for (const length of [0, 1, 255, 257, wrapped.length - 1, wrapped.length - 8]) {
      if (length >= wrapped.length) continue
      expect(await unwrap(algorithm, wrapped.subarray(0, length))).toBeUndefined()
    }
    for (const at of [0, 200, wrapped.length - 1]) {
      const flipped = Buffer.from(wrapped)
      flipped[at] = (flipped[at] as number) ^ 1
      expect(await unwrap(algorithm, flipped)).toBeUndefined()
    }
  })

  it('as a whole RSA-4096 key is unwrapped', async () => {
    const rsa = opensslKey('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096')
    const wrapped = wrapWithOpenssl('RSA_AES_KEY_WRAP_SHA_256', spki, rsa)
    expect(await unwrap('RSA_AES_KEY_WRAP_SHA_256', wrapped)).toEqual(rsa)
  })
})

it('An AES key of another length than 32 bytes wraps nothing', async () => {
  for (const length of [16, 24]) {
    const kek = encryptOaep(pair.publicKey, 'RSAES_OAEP_SHA_256', randomBytes(length))
    const wrapped = Buffer.concat([kek, randomBytes(40)])
    expect(await unwrap('RSA_AES_KEY_WRAP_SHA_256', wrapped)).toBeUndefined()
  }
})

describe('Secret material', () => {
  it.each<[KeySpec, readonly number[], readonly number[]]>([
    ['SYMMETRIC_DEFAULT', [32], [0, 1, 16, 31, 33, 64]],
    ['HMAC_224', [28, 32, 128], [0, 27, 129]],
    ['HMAC_256', [32, 64, 128], [31, 129]],
    ['HMAC_384', [48, 128], [47, 129]],
    ['HMAC_512', [64, 128], [63, 129]],
  ])('of %s has one of %j bytes and none of %j', async (spec, right, wrong) => {
    for (const length of right) {
      const bytes = randomBytes(length)
      const copy = Buffer.from(bytes)
      const read = await readForeignMaterial(spec, bytes)
      expect(read?.kind === 'secret' && withKeyBytes(read.key, (it) => Buffer.from(it))).toEqual(
        copy,
      )
      expect(bytes).toEqual(Buffer.alloc(length))
    }
    for (const length of wrong) {
      const bytes = randomBytes(length)
      expect(await readForeignMaterial(spec, bytes)).toBeUndefined()
      expect(bytes).toEqual(Buffer.alloc(length))
    }
  })
})

const CURVE_SPECS = [
  ['ECC_NIST_P256', 'prime256v1'],
  ['ECC_NIST_P384', 'secp384r1'],
  ['ECC_NIST_P521', 'secp521r1'],
  ['ECC_SECG_P256K1', 'secp256k1'],
] as const

function pkcs8Of(type: 'rsa' | 'ec' | 'ed25519', options: object): Buffer {
  const { privateKey } = generateKeyPairSync(type as 'ec', options as { namedCurve: string })
  return privateKey.export({ format: 'der', type: 'pkcs8' })
}

async function publicOf(spec: KeySpec, pkcs8: Buffer): Promise<Buffer | undefined> {
  const bytes = Buffer.from(pkcs8)
  const read = await readForeignMaterial(spec, bytes)
  expect(bytes).toEqual(Buffer.alloc(pkcs8.length))
  return read?.kind === 'pair' ? exportPublicKey(read.publicKey) : undefined
}

describe('Key pairs', () => {
  it('of each curve are read by their own spec alone', async () => {
    const specs = [...CURVE_SPECS.map(([spec]) => spec), 'ECC_NIST_EDWARDS25519'] as const
    for (const [spec, namedCurve] of CURVE_SPECS) {
      const pkcs8 = pkcs8Of('ec', { namedCurve })
      for (const each of specs) {
        const expected =
          each === spec
            ? exportPublicKey(
                createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })),
              )
            : undefined
        expect(await publicOf(each, pkcs8)).toEqual(expected)
      }
    }
    expect(await publicOf('ECC_NIST_EDWARDS25519', pkcs8Of('ed25519', {}))).toBeDefined()
  })

  it.skipIf(!hasOpenssl)('are the same however openssl writes point and curve', async () => {
    const key = pkcs8Of('ec', { namedCurve: 'prime256v1' })
    const expected = await publicOf('ECC_NIST_P256', key)
    for (const form of [
      ['-conv_form', 'compressed'],
      ['-param_enc', 'explicit'],
    ]) {
      const to = ['-inform', 'DER', '-in', 'key', '-out', 'out', ...form]
      const theirs = pkcs8By(openssl({ key }, 'ec', ...to).out, '-in', 'key')
      expect(theirs.length).toBeGreaterThan(60)
      expect(theirs).not.toEqual(key)
      expect(await publicOf('ECC_NIST_P256', theirs)).toEqual(expected)
    }
  })

  it('of RSA are refused with another modulus or a small exponent', async () => {
    const right = pkcs8Of('rsa', { modulusLength: 2048 })
    expect(await publicOf('RSA_2048', right)).toBeDefined()
    expect(await publicOf('RSA_3072', right)).toBeUndefined()
    const small = pkcs8Of('rsa', { modulusLength: 2048, publicExponent: 3 })
    expect(await publicOf('RSA_2048', small)).toBeUndefined()
  })

  it.skipIf(!hasOpenssl)('of RSA with three primes are refused', async () => {
    const bits = ['-pkeyopt', 'rsa_keygen_bits:2048', '-pkeyopt', 'rsa_keygen_primes:3']
    const key = opensslKey('-algorithm', 'RSA', ...bits)
    expect(key.length).toBeGreaterThan(1000)
    expect(await publicOf('RSA_2048', key)).toBeUndefined()
  })

  it('whose halves do not belong together are refused', async () => {
    const [one, other] = [
      pkcs8Of('ec', { namedCurve: 'prime256v1' }),
      pkcs8Of('ec', { namedCurve: 'prime256v1' }),
    ]
    // The public point is at the end of the key.
    const mixed = Buffer.concat([one.subarray(0, -64), other.subarray(-64)])
    expect(await publicOf('ECC_NIST_P256', mixed)).toBeUndefined()
    const rsa = pkcs8Of('rsa', { modulusLength: 2048 })
    for (const at of [60, 400, 700, 900, 1100]) {
      const broken = Buffer.from(rsa)
      broken[at] = (broken[at] as number) ^ 4
      const read = await publicOf('RSA_2048', broken)
      // Where OpenSSL corrects a wrong shortcut by the private exponent, the key is sound all the same.
      if (read !== undefined) expect(at).toBeGreaterThan(350)
    }
  })

  it('that are not PKCS #8 are refused', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const right = privateKey.export({ format: 'der', type: 'pkcs8' })
    for (const bytes of [
      Buffer.of(),
      Buffer.alloc(32, 1),
      right.subarray(0, -1),
      privateKey.export({ format: 'der', type: 'sec1' }),
      publicKey.export({ format: 'der', type: 'spki' }),
      Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })),
      privateKey.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
    ]) {
      expect(await publicOf('ECC_NIST_P256', bytes)).toBeUndefined()
    }
    const lent = withPrivateKeyBytes(privateKey, (bytes) => Buffer.from(bytes))
    expect(await publicOf('ECC_NIST_P256', lent)).toBeDefined()
  })
})
