// SHA-256 and SHA-512 (FIPS 180-4), HMAC-SHA-256 (FIPS 198-1) and comparison in constant time.
import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { SecretKey } from './secret-key.ts'

/** SHA-256 as 64 lower-case hexadecimal digits; a string is taken as UTF-8. */
export function sha256Hex(message: string | Uint8Array): string {
  return hash('sha256', message, 'hex')
}

/** SHA-256 of the concatenated parts, 32 bytes. */
export function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

/** SHA-512, 64 bytes. */
export function sha512(message: Uint8Array): Buffer {
  return hash('sha512', message, 'buffer')
}

/** HMAC-SHA-256, 32 bytes; a string is taken as UTF-8. */
export function hmacSha256(key: SecretKey, message: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest()
}

/** HMAC-SHA-256 as 64 lower-case hexadecimal digits. */
export function hmacSha256Hex(key: SecretKey, message: string | Uint8Array): string {
  return createHmac('sha256', key).update(message).digest('hex')
}

/** Equality whose duration depends on the lengths only. */
export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
