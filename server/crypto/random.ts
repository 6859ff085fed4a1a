// The only source of randomness: OpenSSL's CSPRNG. Never handed in, so no setting can weaken a key.
import { randomBytes as freshBytes, randomFillSync, randomUUID } from 'node:crypto'
import { needs } from './needs.ts'

const POOL_BYTES = 8192
const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
let used = POOL_BYTES

/** `length` fresh random bytes for keys and secrets; nothing of them stays behind here. */
export function randomBytes(length: number): Buffer {
  return freshBytes(length)
}

/**
 * `length` random bytes for nonces and IVs, which are public. They come from a pool that is filled
 * at once, because one large request to the generator costs about as much as one small one.
 */
export function randomNonce(length: number): Buffer {
  // A nonce is at most 64 bytes.
  needs(length > 0 && length <= 64, 'A nonce is at most 64 bytes.')
  if (used + length > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const nonce = Buffer.allocUnsafe(length)
  pool.copy(nonce, 0, used, used + length)
  used += length
  return nonce
}

/** A random (version 4) UUID in lower case, RFC 9562 §5.4. */
export function randomUuid(): string {
  return randomUUID()
}
