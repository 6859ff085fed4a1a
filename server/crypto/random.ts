// The only source of randomness: OpenSSL's CSPRNG. Never handed in, so no setting can weaken a key.
import { randomBytes as freshBytes, randomFillSync, randomUUID } from 'node:crypto'
import { needs } from './needs.ts'

const POOL_BYTES = 8192
const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
let used = POOL_BYTES

const SECRET_POOL_BYTES = 4096
const MAX_POOLED_SECRET_BYTES = 64
const secretPool = Buffer.allocUnsafeSlow(SECRET_POOL_BYTES)
let secretsUsed = SECRET_POOL_BYTES

/**
 * `length` random bytes for keys and secrets. Short ones come from a pool that is filled at once, as
 * nonces do; what is handed out is zeroed there, so that nothing of it stays behind.
 */
export function randomBytes(length: number): Buffer {
  if (length > MAX_POOLED_SECRET_BYTES) return freshBytes(length)
  if (secretsUsed + length > SECRET_POOL_BYTES) {
    randomFillSync(secretPool)
    secretsUsed = 0
  }
  // Memory of its own: what node's shared buffers held may come to light in others.
  const bytes = Buffer.allocUnsafeSlow(length)
  secretPool.copy(bytes, 0, secretsUsed, secretsUsed + length)
  secretPool.fill(0, secretsUsed, secretsUsed + length)
  secretsUsed += length
  return bytes
}

/**
 * `length` random bytes for nonces and IVs, which are public. They come from a pool that is filled
 * at once, because one large request to the generator costs about as much as one small one.
 */
export function randomNonce(length: number): Buffer {
  requireNonceLength(length)
  const nonce = Buffer.allocUnsafe(length)
  putNonce(nonce, 0, length)
  return nonce
}

/** Puts a random nonce of `length` bytes into `target` at `at`. */
export function putNonce(target: Buffer, at: number, length: number): void {
  requireNonceLength(length)
  // A nonce has room where it is put.
  needs(at >= 0 && at + length <= target.length, 'A nonce has room where it is put.')
  if (used + length > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  pool.copy(target, at, used, used + length)
  used += length
}

function requireNonceLength(length: number): void {
  // A nonce is at most 64 bytes.
  needs(length > 0 && length <= 64, 'A nonce is at most 64 bytes.')
}

/** A random (version 4) UUID in lower case, RFC 9562 §5.4. */
export function randomUuid(): string {
  return randomUUID()
}
