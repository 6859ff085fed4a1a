// Key material that somebody wrapped under a public RSA key to bring it here, and what came out of it.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
import { createPrivateKey, createPublicKey } from 'node:crypto'
import {
  isKeyPairSpec,
  isSecretLength,
  type KeyPairSpec,
  type KeySpec,
  type SigningAlgorithm,
  WRAPPING_ALGORITHMS,
  type WrappingAlgorithm,
} from './algorithms.ts'
import { elementAt, elements } from './der.ts'
import { decryptOaep } from './encryption.ts'
import {
  isOfSpec,
  type KeyPair,
  type PrivateKey,
  publicKeyOf,
  withPrivateKeyBytes,
} from './key-pair.ts'
import { unwrapPadded } from './key-wrap.ts'
import { type SecretKey, secretKey } from './secret-key.ts'
import { isSignatureOf, signMessage } from './signature.ts'

/** Material from outside as handles, of which nothing is stored yet. */
export type ForeignMaterial =
  | { readonly kind: 'secret'; readonly key: SecretKey }
  | ({ readonly kind: 'pair' } & KeyPair)

const AES_KEY_BYTES = 32
const SMALLEST_EXPONENT = 65_537n
/** version, n, e, d, p, q, dP, dQ, qInv: RFC 8017 §A.1.2. Keys of more than two primes have one more. */
const TWO_PRIME_ELEMENTS = 9

/** The bytes that were wrapped, or nothing where this is not so wrapped. The caller zeroes them. */
export async function unwrapMaterial(
  key: PrivateKey,
  algorithm: WrappingAlgorithm,
  wrapped: Uint8Array,
): Promise<Buffer | undefined> {
  const { oaep, byAesKey } = WRAPPING_ALGORITHMS[algorithm]
  if (!byAesKey) return decryptOaep(key, oaep, wrapped)
  const modulusBytes = (key.asymmetricKeyDetails?.modulusLength as number) / 8
  const aesKey = await decryptOaep(key, oaep, wrapped.subarray(0, modulusBytes))
  if (aesKey?.length !== AES_KEY_BYTES) {
    aesKey?.fill(0)
    return undefined
  }
  return unwrapPadded(secretKey(aesKey), wrapped.subarray(modulusBytes))
}

/** Takes over `bytes` and zeroes them; nothing where they are no whole and sound key of the spec. */
export async function readForeignMaterial(
  spec: KeySpec,
  bytes: Buffer,
): Promise<ForeignMaterial | undefined> {
  try {
    if (isKeyPairSpec(spec)) {
      const pair = readPair(spec, bytes)
      return pair && (await isSound(pair)) ? { kind: 'pair', ...pair } : undefined
    }
    return isSecretLength(spec, bytes.length)
      ? { kind: 'secret', key: secretKey(bytes) }
      : undefined
  } finally {
    bytes.fill(0)
  }
}

function readPair(spec: KeyPairSpec, pkcs8: Buffer): KeyPair | undefined {
  try {
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    if (!isOfSpec(spec, privateKey)) return undefined
    const publicKey = publicKeyOf(privateKey)
    if (publicKey.asymmetricKeyType === 'rsa') {
      return isCommonRsa(privateKey) ? { privateKey, publicKey } : undefined
    }
    // Its point may have come compressed, or its curve spelled out: this is one form for all.
    const named = createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' })
    return { privateKey, publicKey: named }
  } catch {
    return undefined
  }
}

function isCommonRsa(key: PrivateKey): boolean {
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n
  if (exponent < SMALLEST_EXPONENT) return false
  return withPrivateKeyBytes(
    key,
    (pkcs8) => elements(elementAt(pkcs8, 0, 2, 0)).length === TWO_PRIME_ELEMENTS,
  )
}

const PROOFS: Readonly<Record<string, SigningAlgorithm>> = {
  rsa: 'RSASSA_PKCS1_V1_5_SHA_256',
  ec: 'ECDSA_SHA_256',
  ed25519: 'ED25519_SHA_512',
}

/** Whether the private half belongs to the public one, which came along with it: FIPS 140-3 IG 10.3.A. */
async function isSound({ privateKey, publicKey }: KeyPair): Promise<boolean> {
  const algorithm = PROOFS[privateKey.asymmetricKeyType as string] as SigningAlgorithm
  const message = Buffer.from('keyhold pairwise consistency')
  try {
    const signature = await signMessage(privateKey, algorithm, 'RAW', message)
    return await isSignatureOf(publicKey, algorithm, 'RAW', message, signature)
  } catch {
    return false
  }
}
