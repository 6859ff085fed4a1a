// The root key: wraps what is secret at rest. Only its handle lives here; a seal brings it in and out.

import type { Label } from '../crypto/labels.ts'
import { needs } from '../crypto/needs.ts'
import { decryptOnce, encryptOnce } from '../crypto/one-time-encryption.ts'
import { type SecretKey, withKeyBytes } from '../crypto/secret-key.ts'

export type RootKey = {
  /** 32 hexadecimal digits; public, names the key in what it wrapped. */
  readonly id: string
  /** Wraps `secret` for one use and one place: `binding` says what it is and belongs to. Zeroes `secret`. */
  wrap(label: Label, binding: Uint8Array, secret: Buffer): Buffer
  /** The secret again; throws where the bytes, the use or the place is another one. The caller zeroes it. */
  unwrap(label: Label, binding: Uint8Array, wrapped: Uint8Array): Buffer
  /** Lends the key's 32 bytes to a seal, or to a worker process; they are zeroed afterwards. */
  lend<T>(use: (bytes: Buffer) => T): T
}

/** The root key with this id over its handle. */
export function rootKey(id: string, key: SecretKey): RootKey {
  return {
    id,
    wrap(label, binding, secret) {
      try {
        return encryptOnce(key, label, binding, secret)
      } finally {
        secret.fill(0)
      }
    },
    unwrap(label, binding, wrapped) {
      const secret = decryptOnce(key, label, binding, wrapped)
      // What the root key unwraps was wrapped by it, for this use and this place.
      needs(
        secret !== undefined,
        'What the root key unwraps was wrapped by it, for this use and this place.',
      )
      return secret
    },
    lend: (use) => withKeyBytes(key, use),
  }
}
