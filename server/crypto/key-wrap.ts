// AES Key Wrap with Padding (KWP): RFC 5649 §4.2, NIST SP 800-38F §6.3.
import { createDecipheriv } from 'node:crypto'
import type { SecretKey } from './secret-key.ts'

/** The constant half of the alternative initial value; the other half is the length: RFC 5649 §3. */
const INITIAL_VALUE = Buffer.from('a65959a6', 'hex')
const BLOCK_BYTES = 8

/** The wrapped bytes, or nothing where they were not wrapped by this key. The caller zeroes them. */
export function unwrapPadded(key: SecretKey, wrapped: Uint8Array): Buffer | undefined {
  if (wrapped.length < 2 * BLOCK_BYTES || wrapped.length % BLOCK_BYTES !== 0) return undefined
  const bits = (key.symmetricKeySize as number) * 8
  try {
    // OpenSSL wants all of it at once, and checks it before it hands anything out.
    return createDecipheriv(`id-aes${bits}-wrap-pad`, key, INITIAL_VALUE).update(wrapped)
  } catch {
    return undefined
  }
}
