// Key derivation in counter mode with HMAC-SHA-256: NIST SP 800-108r1 §4.1.
import { hmacSha256 } from './digest.ts'
import { LABELS, type Label } from './labels.ts'
import { needs } from './needs.ts'
import { type SecretKey, secretKey } from './secret-key.ts'

/** Bytes of the random context that makes every derived key another one. */
export const NONCE_BYTES = 16
const OUTPUT_BITS = 256

/**
 * Derives a 256-bit key: K = HMAC(key, [1]₃₂ ‖ label ‖ 00 ‖ nonce ‖ [256]₃₂), big-endian counters,
 * one block because the output is as long as the hash.
 */
export function deriveKey(key: SecretKey, label: Label, nonce: Uint8Array): SecretKey {
  // A derivation nonce has 16 bytes.
  needs(nonce.length === NONCE_BYTES, 'A derivation nonce has 16 bytes.')
  return secretKey(hmacSha256(key, derivation(label, nonce, 0)))
}

/**
 * What HMAC is computed of for a key of this label, with the nonce that stands at `at` in `bytes`. The
 * result is only valid until the next call: it lies in a buffer that is used again.
 */
export function derivation(label: Label, bytes: Uint8Array, at: number): Uint8Array {
  const { message, nonceAt } = templates[label]
  for (let index = 0; index < NONCE_BYTES; index++) {
    message[nonceAt + index] = bytes[at + index] as number
  }
  return message
}

// The fixed input of each label, with a gap for the nonce; derivation is synchronous, so one is enough.
const templates = Object.fromEntries(
  Object.entries(LABELS).map(([label, text]) => [label, template(text)]),
) as Record<Label, { message: Buffer; nonceAt: number }>

function template(label: string) {
  const head = Buffer.from(`\0\0\0\x01${label}\0`, 'latin1')
  const message = Buffer.alloc(head.length + NONCE_BYTES + 4)
  head.copy(message)
  message.writeUInt32BE(OUTPUT_BITS, head.length + NONCE_BYTES)
  return { message, nonceAt: head.length }
}
