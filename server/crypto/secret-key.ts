// Symmetric keys as opaque handles: inside OpenSSL, never a string, never a lasting buffer.
import { createSecretKey, type KeyObject } from 'node:crypto'

/** A symmetric key. Its bytes leave the handle only to be wrapped. */
export type SecretKey = KeyObject

/** Takes over `bytes`: makes the handle and zeroes the buffer. */
export function secretKey(bytes: Buffer): SecretKey {
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

/** Lends the key's bytes to `use` and zeroes them when it returns or throws. */
export function withKeyBytes<T>(key: SecretKey, use: (bytes: Buffer) => T): T {
  const bytes = key.export()
  try {
    return use(bytes)
  } finally {
    bytes.fill(0)
  }
}
