// Encryption and decryption under a KMS key, symmetric or RSA: what Encrypt, Decrypt and ReEncrypt share.
import type { Call } from '../../../contract/call.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { type Awaitable, after } from '../../../contract/operation.ts'
import {
  type EncryptionAlgorithm,
  type OaepAlgorithm,
  oaepMaxBytes,
} from '../../../crypto/algorithms.ts'
import { decryptOaep, encryptOaep } from '../../../crypto/encryption.ts'
import { IncorrectKeyException, InvalidCiphertextException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import type { KmsStores } from '../operation.ts'
import { type CiphertextBlob, openBlob } from './ciphertext-blob.ts'
import type { EncryptionContext } from './encryption-context.ts'
import { currentKeyPair } from './key-pair.ts'
import { seal } from './symmetric.ts'

/** What a caller wants decrypted: its bytes, and the blob where they are one. */
export type Ciphertext = {
  readonly bytes: Uint8Array
  readonly blob: CiphertextBlob | undefined
}

export type Decrypted = {
  readonly plaintext: Buffer
  /** Told of symmetric keys alone: only they can have several materials. */
  readonly materialId: string | undefined
}

/** The ciphertext: a blob that names its key, or the bare output of RSAES-OAEP. */
export function encryptUnder(
  key: Key,
  algorithm: EncryptionAlgorithm,
  context: EncryptionContext | undefined,
  plaintext: Uint8Array,
  call: Call<KmsStores>,
): Awaitable<Buffer> {
  if (algorithm === 'SYMMETRIC_DEFAULT') return seal(key, context, plaintext, call)
  requireFittingContext(algorithm, context)
  const maxBytes = oaepMaxBytes(key.spec, algorithm)
  if (plaintext.length > maxBytes) {
    throw new ValidationException(
      `Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data longer than ${maxBytes} bytes.`,
    )
  }
  return after(currentKeyPair(key, call), (pair) =>
    encryptOaep(pair.publicKey, algorithm, plaintext),
  )
}

/** The plaintext; throws where the ciphertext is not one of this key, algorithm and context. */
export function decryptUnder(
  key: Key,
  algorithm: EncryptionAlgorithm,
  { bytes, blob }: Ciphertext,
  context: EncryptionContext | undefined,
  call: Call<KmsStores>,
): Awaitable<Decrypted> {
  if (algorithm !== 'SYMMETRIC_DEFAULT') {
    requireFittingContext(algorithm, context)
    return decryptRsa(key, algorithm, bytes, call)
  }
  if (blob === undefined) throw new InvalidCiphertextException()
  if (blob.keyId !== key.id || blob.account !== key.account) throw new IncorrectKeyException()
  return after(call.stores.backingKeys.find(key, blob.materialId), (material) => {
    const plaintext =
      material?.kind === 'secret' ? openBlob(material.key, blob, context) : undefined
    if (plaintext === undefined) throw new InvalidCiphertextException()
    return { plaintext, materialId: blob.materialId }
  })
}

async function decryptRsa(
  key: Key,
  algorithm: OaepAlgorithm,
  bytes: Uint8Array,
  call: Call<KmsStores>,
): Promise<Decrypted> {
  const { privateKey } = await currentKeyPair(key, call)
  const plaintext = await decryptOaep(privateKey, algorithm, bytes)
  if (plaintext === undefined) throw new InvalidCiphertextException()
  return { plaintext, materialId: undefined }
}

/** Throws where there is a context for RSAES-OAEP, which authenticates nothing but the ciphertext itself. */
export function requireFittingContext(
  algorithm: EncryptionAlgorithm,
  context: EncryptionContext | undefined,
): void {
  if (
    algorithm !== 'SYMMETRIC_DEFAULT' &&
    context !== undefined &&
    Object.keys(context).length > 0
  ) {
    throw new ValidationException(
      'An encryption context is supported only on operations with symmetric encryption KMS keys.',
    )
  }
}
