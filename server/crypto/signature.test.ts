// Signatures by every algorithm and type of message, with openssl or another implementation as the
// other side.

import { hash } from 'node:crypto'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { describe, expect, it } from 'vitest'
import {
  algorithmsOf,
  type KeyPairSpec,
  type MessageType,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
} from './algorithms.ts'
import { elementAt } from './der.ts'
import { exportPublicKey, type KeyPair, newKeyPair, withPrivateKeyBytes } from './key-pair.ts'
import { digestBytes, isSignatureOf, signMessage } from './signature.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'

const SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const
const CURVES = ['ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521', 'ECC_SECG_P256K1'] as const
const message = Buffer.from('a statement')

const pairs = new Map<KeyPairSpec, Promise<KeyPair>>()
function pairOf(spec: KeyPairSpec): Promise<KeyPair> {
  const pair = pairs.get(spec) ?? newKeyPair(spec)
  pairs.set(spec, pair)
  return pair
}

const cases = [...SPECS, ...CURVES].flatMap((spec) =>
  algorithmsOf(spec, 'SIGN_VERIFY').map((algorithm) => [spec, algorithm] as const),
)

/** What openssl is told about the algorithm. */
function optionsOf(algorithm: SigningAlgorithm): readonly string[] {
  const { scheme, hash: name } = SIGNING_ALGORITHMS[algorithm]
  const pss = ['rsa_padding_mode:pss', 'rsa_pss_saltlen:digest', `rsa_mgf1_md:${name}`]
  const options = scheme === 'rsa-pss' ? pss : []
  return [`digest:${name}`, ...options].flatMap((option) => ['-pkeyopt', option])
}

const digestOf = (algorithm: SigningAlgorithm) =>
  hash(SIGNING_ALGORITHMS[algorithm].hash, message, 'buffer')

describe.skipIf(!hasOpenssl).each(cases)('%s by %s, with openssl', (spec, algorithm) => {
  const options = optionsOf(algorithm)

  it.each(['RAW', 'DIGEST'] as const)('a signature over %s is verified', async (type) => {
    const { privateKey, publicKey } = await pairOf(spec)
    const digest = digestOf(algorithm)
    const given = type === 'RAW' ? message : digest
    const signature = await signMessage(privateKey, algorithm, type, given)
    const files = { key: exportPublicKey(publicKey), digest, signature }
    const keys = ['-pubin', '-inkey', 'key', '-keyform', 'DER', '-sigfile', 'signature']
    const { succeeded } = openssl(files, 'pkeyutl', '-verify', ...keys, '-in', 'digest', ...options)
    expect(succeeded).toBe(true)
    expect(await isSignatureOf(publicKey, algorithm, 'RAW', message, signature)).toBe(true)
    expect(await isSignatureOf(publicKey, algorithm, 'DIGEST', digest, signature)).toBe(true)
  })

  it('a signature that it made is one here', async () => {
    const { privateKey, publicKey } = await pairOf(spec)
    const digest = digestOf(algorithm)
    const signature = withPrivateKeyBytes(privateKey, (key) => {
      const keys = ['-inkey', 'key', '-keyform', 'DER', '-in', 'digest', '-out', 'out']
      return openssl({ key, digest }, 'pkeyutl', '-sign', ...keys, ...options).out
    })
    expect(await isSignatureOf(publicKey, algorithm, 'RAW', message, signature)).toBe(true)
    expect(await isSignatureOf(publicKey, algorithm, 'DIGEST', digest, signature)).toBe(true)
    expect(await isSignatureOf(publicKey, algorithm, 'RAW', digest, signature)).toBe(false)
  })
})

it.skipIf(!hasOpenssl)('Ed25519, with openssl both ways', async () => {
  const { privateKey, publicKey } = await pairOf('ECC_NIST_EDWARDS25519')
  const signature = await signMessage(privateKey, 'ED25519_SHA_512', 'RAW', message)
  const key = exportPublicKey(publicKey)
  const common = ['-inkey', 'key', '-keyform', 'DER', '-rawin', '-in', 'message']
  const verifying = ['-verify', '-pubin', ...common, '-sigfile', 'signature']
  expect(openssl({ key, message, signature }, 'pkeyutl', ...verifying).succeeded).toBe(true)
  const { out } = withPrivateKeyBytes(privateKey, (secret) =>
    openssl({ key: secret, message }, 'pkeyutl', '-sign', ...common, '-out', 'out'),
  )
  expect(await isSignatureOf(publicKey, 'ED25519_SHA_512', 'RAW', message, out)).toBe(true)
})

it('Ed25519ph hashes the digest that it is given, as it does with any message', async () => {
  const { privateKey, publicKey } = await pairOf('ECC_NIST_EDWARDS25519')
  const digest = digestOf('ED25519_PH_SHA_512')
  const signature = await signMessage(privateKey, 'ED25519_PH_SHA_512', 'DIGEST', digest)
  const { ed25519ph } = await import('@noble/curves/ed25519.js')
  const point = elementAt(exportPublicKey(publicKey), 0, 1).subarray(1)
  expect(ed25519ph.verify(signature, digest, point)).toBe(true)
  expect(ed25519ph.verify(signature, message, point)).toBe(false)
})

describe.each([
  ['ML_DSA_44', ml_dsa44],
  ['ML_DSA_65', ml_dsa65],
  ['ML_DSA_87', ml_dsa87],
] as const)('%s, with another implementation', (spec, other) => {
  const algorithm = 'ML_DSA_SHAKE_256'

  it('both ways, over a message and over an external mu', async () => {
    const { privateKey, publicKey } = await pairOf(spec)
    const bytes = elementAt(exportPublicKey(publicKey), 0, 1).subarray(1)
    const mu = hash('sha512', 'mu', 'buffer')
    const external = { externalMu: true } as const
    const ours = await signMessage(privateKey, algorithm, 'RAW', message)
    expect(other.verify(ours, message, bytes)).toBe(true)
    const overMu = await signMessage(privateKey, algorithm, 'EXTERNAL_MU', mu)
    expect(other.internal.verify(overMu, mu, bytes, external)).toBe(true)
    const [theirs, theirsOverMu] = withPrivateKeyBytes(privateKey, (pkcs8) => {
      const secret = elementAt(pkcs8, 0, 2, 0, 1)
      return [other.sign(message, secret), other.internal.sign(mu, secret, external)] as const
    })
    expect(await isSignatureOf(publicKey, algorithm, 'RAW', message, theirs)).toBe(true)
    expect(await isSignatureOf(publicKey, algorithm, 'EXTERNAL_MU', mu, theirsOverMu)).toBe(true)
    expect(await isSignatureOf(publicKey, algorithm, 'RAW', mu, theirsOverMu)).toBe(false)
  })

  it('signs the mu that FIPS 204 makes of a message', async () => {
    const { privateKey, publicKey } = await pairOf(spec)
    const bytes = elementAt(exportPublicKey(publicKey), 0, 1).subarray(1)
    const shake = (input: Uint8Array) =>
      hash('shake256', input, { outputEncoding: 'buffer', outputLength: 64 })
    // tr is the hash of the public key; 0 and 0 stand for the pure variant and an empty context.
    const mu = shake(Buffer.concat([shake(bytes), Buffer.of(0, 0), message]))
    const signature = await signMessage(privateKey, algorithm, 'EXTERNAL_MU', mu)
    expect(await isSignatureOf(publicKey, algorithm, 'RAW', message, signature)).toBe(true)
  })
})

describe('What an algorithm takes', () => {
  const types: readonly MessageType[] = ['RAW', 'DIGEST', 'EXTERNAL_MU']
  const takes = (algorithm: SigningAlgorithm) => types.map((type) => digestBytes(algorithm, type))

  it('is told for each type of message', () => {
    expect(takes('ECDSA_SHA_384')).toEqual([true, 48, undefined])
    expect(takes('RSASSA_PSS_SHA_256')).toEqual([true, 32, undefined])
    expect(takes('ED25519_SHA_512')).toEqual([true, undefined, undefined])
    expect(takes('ED25519_PH_SHA_512')).toEqual([undefined, 64, undefined])
    expect(takes('ML_DSA_SHAKE_256')).toEqual([true, undefined, 64])
  })

  it('A signing algorithm takes the type and the length of its message.', async () => {
    const { privateKey, publicKey } = await pairOf('ECC_NIST_P256')
    const told = 'A signing algorithm takes the type and the length of its message.'
    for (const [type, length] of [
      ['DIGEST', 31],
      ['DIGEST', 33],
      ['DIGEST', 0],
      ['EXTERNAL_MU', 64],
    ] as const) {
      const given = Buffer.alloc(length)
      expect(() => signMessage(privateKey, 'ECDSA_SHA_256', type, given)).toThrow(told)
      const verified = isSignatureOf(publicKey, 'ECDSA_SHA_256', type, given, Buffer.alloc(70))
      expect(await verified).toBe(false)
    }
  })
})

it('what is malformed is no signature', async () => {
  for (const [spec, algorithm] of [...cases.filter(([spec]) => spec !== 'RSA_4096')]) {
    const { publicKey } = await pairOf(spec)
    for (const signature of [Buffer.of(), Buffer.of(0), Buffer.alloc(6144, 255)]) {
      const told = await isSignatureOf(publicKey, algorithm, 'RAW', message, signature)
      expect(told, `${spec} ${algorithm}`).toBe(false)
    }
  }
})
