// Key pairs of every spec, through openssl and back; keys that are of another spec, or none.
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KeyPairSpec } from './algorithms.ts'
import {
  exportPublicKey,
  importPrivateKey,
  newKeyPair,
  publicKeyOf,
  readPublicKey,
  withPrivateKeyBytes,
} from './key-pair.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'

/** OpenSSL 3.0 knows neither ML-DSA nor ML-KEM. */
const FOR_OPENSSL: readonly KeyPairSpec[] = [
  'RSA_2048',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
]
const SPECS: readonly KeyPairSpec[] = [
  ...FOR_OPENSSL,
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
  'ML_KEM_512',
  'ML_KEM_768',
  'ML_KEM_1024',
]

const copyOf = (key: Parameters<typeof withPrivateKeyBytes>[0]) =>
  withPrivateKeyBytes(key, (bytes) => Buffer.from(bytes))

describe.each(SPECS)('A key pair %s', (spec) => {
  it('is as its spec says, and comes back from its bytes, which are zeroed', async () => {
    const { privateKey, publicKey } = await newKeyPair(spec)
    const bytes = copyOf(privateKey)
    const again = importPrivateKey(spec, bytes)
    expect(bytes).toEqual(Buffer.alloc(bytes.length))
    expect(copyOf(again)).toEqual(copyOf(privateKey))
    const spki = exportPublicKey(publicKey)
    expect(exportPublicKey(publicKeyOf(again))).toEqual(spki)
    const read = readPublicKey(spec, spki)
    expect(read && exportPublicKey(read)).toEqual(spki)
  })

  it('is none of another spec', async () => {
    const { privateKey, publicKey } = await newKeyPair(spec)
    for (const other of SPECS.filter((each) => each !== spec)) {
      expect(readPublicKey(other, exportPublicKey(publicKey))).toBeUndefined()
      const bytes = copyOf(privateKey)
      expect(() => importPrivateKey(other, bytes)).toThrow()
      expect(bytes).toEqual(Buffer.alloc(bytes.length))
    }
  })
})

it.each([
  ['RSA_3072', 3072],
  ['RSA_4096', 4096],
] as const)('%s has a modulus of %d bits, and the exponent 65537', async (spec, bits) => {
  const { publicKey } = await newKeyPair(spec)
  const details = { modulusLength: bits, publicExponent: 65537n }
  expect(publicKey.asymmetricKeyDetails).toEqual(details)
})

describe.skipIf(!hasOpenssl)('With openssl', () => {
  it.each(FOR_OPENSSL)('a key pair %s is read by it, both halves', async (spec) => {
    const { privateKey, publicKey } = await newKeyPair(spec)
    const command = ['pkey', '-inform', 'DER', '-in', 'key', '-outform', 'DER', '-out', 'out']
    const files = { key: copyOf(privateKey) }
    expect(openssl(files, ...command, '-pubout').out).toEqual(exportPublicKey(publicKey))
    expect(openssl(files, 'pkey', '-inform', 'DER', '-in', 'key', '-check').succeeded).toBe(true)
  })
})

it('A private key is one of its key spec.', async () => {
  const { privateKey } = await newKeyPair('ECC_NIST_P256')
  expect(() => importPrivateKey('ECC_SECG_P256K1', copyOf(privateKey))).toThrow(
    'A private key is one of its key spec.',
  )
})

it('bytes that are no private key are refused, and zeroed all the same', () => {
  const bytes = Buffer.from('no key')
  expect(() => importPrivateKey('RSA_2048', bytes)).toThrow()
  expect(bytes).toEqual(Buffer.alloc(6))
})

describe('A public key that is none', () => {
  const p256 = '3059301306072a8648ce3d020106082a8648ce3d030107034200'
  const x = '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
  const y = '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'
  const read = (hex: string) => readPublicKey('ECC_NIST_P256', Buffer.from(hex, 'hex'))

  it('the generator of the curve is one', () => {
    expect(read(`${p256}04${x}${y}`)).toBeDefined()
  })

  it.each([
    ['a point beside the curve', `${p256}04${x}${y.slice(0, -1)}4`],
    ['a point of another curve', `${p256}04${y}${x}`],
    ['coordinates beyond the field', `${p256}04${'f'.repeat(128)}`],
    ['the point at infinity', '3019301306072a8648ce3d020106082a8648ce3d03010703020000'],
    ['a point without its second half', `${p256}04${x}`],
    ['nothing', ''],
    ['a private key', '302e020100300506032b6570042204200000'],
    ['text', Buffer.from('no key').toString('hex')],
  ])('is %s', (_what, hex) => {
    expect(read(hex)).toBeUndefined()
  })

  it('is a key on a curve that the table does not know', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp224r1' })
    const spki = publicKey.export({ format: 'der', type: 'spki' })
    expect(readPublicKey('ECC_NIST_P256', spki)).toBeUndefined()
  })
})
