// The root key: wraps what is secret at rest. Only its handle lives here; a seal brings it in and out.

import { equalInConstantTime, hmacSha256 } from '../crypto/digest.ts'
import { deriveKey, NONCE_BYTES } from '../crypto/key-derivation.ts'
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
  /** Authenticates what a database holds, with HMAC-SHA-256 under a key of its own: 32 bytes. */
  mac(content: Uint8Array): Buffer
  /** Whether it is the MAC of the content; takes the same time where it is not. */
  isMac(content: Uint8Array, mac: Uint8Array): boolean
  /** Lends the key's 32 bytes to a seal, or to a worker process; they are zeroed afterwards. */
  lend<T>(use: (bytes: Buffer) => T): T
}

const NO_NONCE = Buffer.alloc(NONCE_BYTES)

/** The root key with this id over its handle. */
export function rootKey(id: string, key: SecretKey): RootKey {
  let macKey: SecretKey | undefined
  const mac = (content: Uint8Array) => {
    // The same key for all rows and times: the nonce of its derivation is nothing but zeroes.
    macKey ??= deriveKey(key, 'rowMac', NO_NONCE)
    return hmacSha256(macKey, content)
  }
  return {
    id,
    mac,
    isMac: (content, given) => equalInConstantTime(mac(content), given),
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
