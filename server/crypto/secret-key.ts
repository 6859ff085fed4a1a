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
