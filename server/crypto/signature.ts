// Signatures of KMS keys over messages and over digests: FIPS 186-5, RFC 8017, RFC 8032, FIPS 204.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
import { sign, verify } from 'node:crypto'
import { type MessageType, SIGNING_ALGORITHMS, type SigningAlgorithm } from './algorithms.ts'
import { nativeDigestSigner } from './digest-signer-native.ts'
import type { PrivateKey, PublicKey } from './key-pair.ts'
import { loadAddOn } from './native/binding.ts'
import { needs } from './needs.ts'
import { inNode, signByNode } from './node-signature.ts'
import { onThreadPool } from './thread-pool.ts'

const addOn = loadAddOn()
const native = addOn && nativeDigestSigner(addOn)
// What takes the place of the add-on is not even loaded where there is one.
const digestSigner = native ?? (await import('./digest-signer-scripted.ts')).scriptedDigestSigner()
const signWhole = native?.signWhole ?? signByNode

/** Asking a handle what it is takes longer than remembering it. */
const quickKeys = new WeakMap<PrivateKey, boolean>()

/** Whether private keys stay within OpenSSL whatever they sign. */
export function signsDigestsNatively(): boolean {
  return native !== undefined
}

/** ECDSA as DER, RSA as long as the modulus, the others as their standards lay them out. */
export function signMessage(
  key: PrivateKey,
  algorithm: SigningAlgorithm,
  type: MessageType,
  message: Uint8Array,
): Buffer | Promise<Buffer> {
  const accepted = takesMessage(algorithm, type, message)
  // A signing algorithm takes the type and the length of its message.
  needs(accepted, 'A signing algorithm takes the type and the length of its message.')
  if (type !== 'RAW') return digestSigner.sign(key, algorithm, message)
  if (isQuick(key)) {
    const { hash, given } = inNode(algorithm, key)
    return sign(hash, message, given)
  }
  return signWhole(key, algorithm, message)
}

/** Whether the signature is one by the holder of the key; what is malformed is none. */
export async function isSignatureOf(
  key: PublicKey,
  algorithm: SigningAlgorithm,
  type: MessageType,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!takesMessage(algorithm, type, message)) return false
  if (type !== 'RAW') return digestSigner.verify(key, algorithm, message, signature)
  const { hash, given } = inNode(algorithm, key)
  return onThreadPool(
    () =>
      new Promise((resolve) => {
        verify(hash, message, given, signature, (error, right) => resolve(!error && right))
      }),
  )
}

/** Whether the algorithm signs messages of this type; and digests, of this length. */
export function takesMessage(
  algorithm: SigningAlgorithm,
  type: MessageType,
  message: Uint8Array,
): boolean {
  const bytes = digestBytes(algorithm, type)
  return bytes === true || bytes === message.length
}

/** What the algorithm takes of this type: `true` for messages of any length, nothing where none. */
export function digestBytes(
  algorithm: SigningAlgorithm,
  type: MessageType,
): true | number | undefined {
  const messages: Readonly<Partial<Record<MessageType, true | number>>> =
    SIGNING_ALGORITHMS[algorithm].messages
  return messages[type]
}

/** Some tens of microseconds: less than handing it to another thread and back would take. */
function isQuick(key: PrivateKey): boolean {
  let quick = quickKeys.get(key)
  if (quick === undefined) {
    quick =
      key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    quickKeys.set(key, quick)
  }
  return quick
}
