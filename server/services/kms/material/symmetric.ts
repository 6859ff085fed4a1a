// Encryption under a symmetric KMS key: the checks and steps that its operations share.
import type { Call } from '../../../contract/call.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { type Awaitable, after } from '../../../contract/operation.ts'
import { needs } from '../../../crypto/needs.ts'
import type { Key } from '../keys/key.ts'
import { ENCRYPTION_CONTEXT_CHARACTERS } from '../limits.ts'
import type { KmsStores } from '../operation.ts'
import type { BackingSecret } from './backing-key-store.ts'
import { sealBlob } from './ciphertext-blob.ts'
import { contextProblem, type EncryptionContext } from './encryption-context.ts'

/** Encrypts under the key's current material. */
export function seal(
  key: Key,
  context: EncryptionContext | undefined,
  plaintext: Uint8Array,
  call: Call<KmsStores>,
): Awaitable<Buffer> {
  return after(currentSecret(key, call), (material) =>
    sealBlob(material.key, material.blobHeader, context, plaintext),
  )
}

/** The current material of a symmetric encryption or HMAC key. */
export function currentSecret(key: Key, call: Call<KmsStores>): Awaitable<BackingSecret> {
  return after(call.stores.backingKeys.find(key, key.materialId), (material) => {
    // The current material of an enabled key is there.
    needs(material?.kind === 'secret', 'The current material of an enabled key is there.')
    return material
  })
}

/** Throws where the context cannot be bound to a ciphertext. */
export function requireContext(context: EncryptionContext | undefined): void {
  const problem = contextProblem(context, ENCRYPTION_CONTEXT_CHARACTERS)
  if (problem !== undefined) throw new ValidationException(problem)
}
