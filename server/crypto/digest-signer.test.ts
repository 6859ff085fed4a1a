// Both ways of signing, by the same tests: what is already hashed, against published vectors, node's own
// signatures over whole messages, and each other; and whole messages.
import { hash } from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { type KeyPairSpec, SIGNING_ALGORITHMS, type SigningAlgorithm } from './algorithms.ts'
import { elementAt } from './der.ts'
import { nativeDigestSigner } from './digest-signer-native.ts'
import { scriptedDigestSigner } from './digest-signer-scripted.ts'
import {
  exportPublicKey,
  importPrivateKey,
  type KeyPair,
  newKeyPair,
  type PublicKey,
  publicKeyOf,
  readPublicKey,
  withPrivateKeyBytes,
} from './key-pair.ts'
import { loadAddOn } from './native/binding.ts'
import { signByNode } from './node-signature.ts'
import { randomBytes } from './random.ts'
import { isSignatureOf, signMessage } from './signature.ts'
import ecdsa from './vectors/ecdsa-secp256k1.json' with { type: 'json' }
import ed25519ph from './vectors/ed25519ph.json' with { type: 'json' }
import pss from './vectors/rsa-pss.json' with { type: 'json' }

const scripted = scriptedDigestSigner()
const addOn = loadAddOn()
const native = addOn && nativeDigestSigner(addOn)
const hex = (text: string) => Buffer.from(text, 'hex')

const pairs = new Map<KeyPairSpec, Promise<KeyPair>>()
function pairOf(spec: KeyPairSpec): Promise<KeyPair> {
  const pair = pairs.get(spec) ?? newKeyPair(spec)
  pairs.set(spec, pair)
  return pair
}

const HASHED: readonly (readonly [KeyPairSpec, SigningAlgorithm])[] = [
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_384'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_512'],
  ['RSA_2048', 'RSASSA_PSS_SHA_256'],
  ['RSA_2048', 'RSASSA_PSS_SHA_384'],
  ['RSA_2048', 'RSASSA_PSS_SHA_512'],
  ['RSA_3072', 'RSASSA_PSS_SHA_512'],
  ['ECC_NIST_P256', 'ECDSA_SHA_256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
]
const ALL = [
  ...HASHED,
  ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512'],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256'],
  ['ML_DSA_65', 'ML_DSA_SHAKE_256'],
  ['ML_DSA_87', 'ML_DSA_SHAKE_256'],
] as const

const inputOf = (algorithm: SigningAlgorithm) =>
  hash(SIGNING_ALGORITHMS[algorithm].hash, 'a statement', 'buffer')

const signers = [
  ['in OpenSSL', native],
  ['in JavaScript', scripted],
] as const

describe.each(signers)('Signing %s', (_where, signer) => {
  // Without a compiler there is no add-on, and what takes its place is tested alone.
  describe.skipIf(signer === undefined)('what is already hashed', () => {
    const { sign, verify } = signer ?? scripted

    it.each(ALL)('%s by %s is one of its input and key only', async (spec, algorithm) => {
      const { privateKey, publicKey } = await pairOf(spec)
      const input = inputOf(algorithm)
      const signature = await sign(privateKey, algorithm, input)
      expect(await verify(publicKey, algorithm, input, signature)).toBe(true)
      const other = Buffer.from(input)
      other[0] = (other[0] as number) ^ 1
      expect(await verify(publicKey, algorithm, other, signature)).toBe(false)
      const stranger = await newKeyPair(spec)
      expect(await verify(stranger.publicKey, algorithm, input, signature)).toBe(false)
      for (const at of [0, signature.length >> 1, signature.length - 1]) {
        const flipped = Buffer.from(signature)
        flipped[at] = (flipped[at] as number) ^ 1
        expect(await verify(publicKey, algorithm, input, flipped), `byte ${at}`).toBe(false)
      }
      for (const wrong of [Buffer.of(), signature.subarray(1), Buffer.alloc(6144)]) {
        expect(await verify(publicKey, algorithm, input, wrong)).toBe(false)
      }
    })

    it.each(HASHED)('%s by %s is what node makes of the message', async (spec, algorithm) => {
      const { privateKey, publicKey } = await pairOf(spec)
      const message = Buffer.from('a statement')
      const ours = await sign(privateKey, algorithm, inputOf(algorithm))
      expect(await isSignatureOf(publicKey, algorithm, 'RAW', message, ours)).toBe(true)
      const theirs = await signMessage(privateKey, algorithm, 'RAW', message)
      expect(await verify(publicKey, algorithm, inputOf(algorithm), theirs)).toBe(true)
    })

    it('Ed25519ph is as RFC 8032 has it', async () => {
      const pkcs8 = hex(`302e020100300506032b657004220420${ed25519ph.secretKey}`)
      const key = importPrivateKey('ECC_NIST_EDWARDS25519', pkcs8)
      const message = hex(ed25519ph.message)
      const signature = await sign(key, 'ED25519_PH_SHA_512', message)
      expect(signature.toString('hex')).toBe(ed25519ph.signature)
      expect(await verify(publicKeyOf(key), 'ED25519_PH_SHA_512', message, signature)).toBe(true)
    })

    it('Ed25519ph and Ed25519 are not each other', async () => {
      const { privateKey, publicKey } = await pairOf('ECC_NIST_EDWARDS25519')
      const message = randomBytes(64)
      const pure = await signMessage(privateKey, 'ED25519_SHA_512', 'RAW', message)
      expect(await verify(publicKey, 'ED25519_PH_SHA_512', message, pure)).toBe(false)
      const hashed = await sign(privateKey, 'ED25519_PH_SHA_512', message)
      expect(await isSignatureOf(publicKey, 'ED25519_SHA_512', 'RAW', message, hashed)).toBe(false)
    })

    it('RSA-PSS signatures of Wycheproof are right', async () => {
      const key = readPublicKey('RSA_2048', hex(pss.publicKey))
      for (const { message, signature } of pss.vectors) {
        const digest = hash('sha256', hex(message), 'buffer')
        const told = await verify(key as never, 'RSASSA_PSS_SHA_256', digest, hex(signature))
        expect(told, message).toBe(true)
      }
    })

    it.each(ecdsa.vectors)('ECDSA of Wycheproof with $what: $valid', async (vector) => {
      const key = readPublicKey('ECC_SECG_P256K1', hex(ecdsa.publicKey))
      const digest = hash('sha256', hex(ecdsa.message), 'buffer')
      const told = await verify(key as never, 'ECDSA_SHA_256', digest, hex(vector.signature))
      expect(told).toBe(vector.valid)
    })

    it('an Ethereum signature gives back the address of its signer', async () => {
      const { privateKey, publicKey } = await pairOf('ECC_SECG_P256K1')
      const digest = Buffer.from(keccak_256(Buffer.from('a transaction')))
      const der = await sign(privateKey, 'ECDSA_SHA_256', digest)
      const point = elementAt(exportPublicKey(publicKey), 0, 1).subarray(1)
      const { r, s } = secp256k1.Signature.fromBytes(der, 'der')
      const recovered = [0, 1].map((recovery) =>
        new secp256k1.Signature(r, s, recovery).recoverPublicKey(digest).toBytes(false),
      )
      expect(recovered.map((bytes) => addressOf(Buffer.from(bytes)))).toContain(addressOf(point))
    })
  })
})

it.skipIf(native === undefined).each(ALL)(
  '%s by %s: each way verifies the other’s signature',
  async (spec, algorithm) => {
    const { privateKey, publicKey } = await pairOf(spec)
    const input = inputOf(algorithm)
    const fromNative = await native?.sign(privateKey, algorithm, input)
    expect(await scripted.verify(publicKey, algorithm, input, fromNative as Buffer)).toBe(true)
    const fromScript = await scripted.sign(privateKey, algorithm, input)
    expect(await native?.verify(publicKey, algorithm, input, fromScript)).toBe(true)
  },
)

const wholeSigners = [
  ...(native ? [['by the add-on', native.signWhole] as const] : []),
  ['by node:crypto', signByNode] as const,
]

describe.each(wholeSigners)('Signing whole messages %s', (_where, signWhole) => {
  const whole = ALL.filter(([, algorithm]) => algorithm !== 'ED25519_PH_SHA_512')

  it.each(whole)('%s by %s is one of message and key only', async (spec, algorithm) => {
    const { privateKey, publicKey } = await pairOf(spec)
    for (const message of [Buffer.of(), Buffer.from('a statement'), randomBytes(4096)]) {
      const signature = await signWhole(privateKey, algorithm, message)
      const told = (key: PublicKey, over: Buffer) =>
        isSignatureOf(key, algorithm, 'RAW', over, signature)
      expect(await told(publicKey, message)).toBe(true)
      expect(await told(publicKey, Buffer.concat([message, Buffer.of(0)]))).toBe(false)
    }
  })

  it('many at once, by several keys and algorithms, are each what it is alone', async () => {
    const signed = await Promise.all(
      [...whole, ...whole, ...whole].map(async ([spec, algorithm], index) => {
        const { privateKey, publicKey } = await pairOf(spec)
        const message = Buffer.from(`statement ${index}`)
        const signature = await signWhole(privateKey, algorithm, message)
        return isSignatureOf(publicKey, algorithm, 'RAW', message, signature)
      }),
    )
    expect(signed).toEqual(signed.map(() => true))
  })
})

it.skipIf(addOn === undefined)('the add-on refuses arguments that are none', () => {
  const { sign, verify, importPrivateKey: take } = addOn as NonNullable<typeof addOn>
  const loose = { sign, verify, take } as unknown as Record<
    string,
    (...given: unknown[]) => unknown
  >
  const digest = Buffer.alloc(32)
  const key = {}
  for (const call of [
    () => loose.take?.(),
    () => loose.take?.('text'),
    () => loose.take?.(Buffer.from('no key')),
    () => loose.sign?.(),
    () => loose.sign?.(1),
    () => loose.sign?.([]),
    () => loose.sign?.([1]),
    () => loose.sign?.([[key, 0, 256, false, digest]]),
    () => loose.sign?.(Array(65).fill([key, 0, 256, false, digest])),
    () => loose.verify?.(key, 0, 256, digest, digest),
  ]) {
    expect(call).toThrow()
  }
})

it.skipIf(addOn === undefined)(
  'the add-on refuses schemes, hashes and lengths it has not',
  async () => {
    const made = addOn as NonNullable<typeof addOn>
    const { privateKey, publicKey } = await pairOf('ECC_NIST_P256')
    const key = made.importPublicKey(exportPublicKey(publicKey))
    const signing = withPrivateKeyBytes(privateKey, made.importPrivateKey)
    const digest = Buffer.alloc(32)
    const good = [signing, 0, 256, false, digest] as const
    for (const task of [
      [signing, 5, 256, false, digest],
      [signing, 0, 255, false, digest],
      [signing, 0, 256, false, Buffer.alloc(65)],
      // Ed25519ph takes no whole messages.
      [signing, 3, 512, true, digest],
    ] as const) {
      expect(() => made.sign([good, task])).toThrow()
    }
    expect(() => made.verify(key, 0, 256, digest, Buffer.alloc(8193))).toThrow()
  },
)

it.skipIf(addOn === undefined)(
  'what OpenSSL refuses to sign fails alone in its batch',
  async () => {
    const made = addOn as NonNullable<typeof addOn>
    const { privateKey, publicKey } = await pairOf('ECC_NIST_P256')
    // A public key does not sign, and RSA's schemes are not those of a curve.
    const publicHandle = made.importPublicKey(exportPublicKey(publicKey))
    const handle = withPrivateKeyBytes(privateKey, made.importPrivateKey)
    const digest = hash('sha256', 'a statement', 'buffer')
    const signatures = await made.sign([
      [handle, 0, 256, false, digest],
      [publicHandle, 0, 256, false, digest],
      [handle, 1, 256, false, digest],
      [handle, 4, 512, true, digest],
      [handle, 0, 256, false, digest.subarray(1)],
      [handle, 0, 256, false, digest],
    ])
    expect(signatures.map((signature) => signature !== undefined)).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
    ])
    for (const signature of [signatures[0], signatures[5]]) {
      const told = native?.verify(publicKey, 'ECDSA_SHA_256', digest, signature as Buffer)
      expect(await told).toBe(true)
    }
  },
)

function addressOf(uncompressed: Buffer): string {
  return Buffer.from(keccak_256(uncompressed.subarray(1)).subarray(-20)).toString('hex')
}
