// Authenticated encryption under a key used once: AES-256-GCM (NIST SP 800-38D) with a key derived
// (SP 800-108) for this one message, so that no key comes near GCM's limit of 2³² random IVs (§8.3).
import { derivation, NONCE_BYTES } from './key-derivation.ts'
import type { Label } from './labels.ts'
import { putNonce } from './random.ts'
import type { SecretKey } from './secret-key.ts'
import { symmetric } from './symmetric.ts'

const IV_BYTES = 12
const TAG_BYTES = 16

/** What the encryption adds to the plaintext: nonce (16) ‖ IV (12) ‖ … ‖ tag (16). */
export const OVERHEAD_BYTES = NONCE_BYTES + IV_BYTES + TAG_BYTES

/** `header` ‖ nonce ‖ IV ‖ ciphertext ‖ tag. The header is only prepended: put it into `associated`. */
export function encryptOnce(
  key: SecretKey,
  label: Label,
  associated: Uint8Array,
  plaintext: Uint8Array,
  header: Uint8Array = EMPTY,
): Buffer {
  const nonceAt = header.length
  const message = Buffer.allocUnsafe(nonceAt + OVERHEAD_BYTES + plaintext.length)
  message.set(header)
  putNonce(message, nonceAt, NONCE_BYTES + IV_BYTES)
  const input = derivation(label, message, nonceAt)
  symmetric.seal(key, input, associated, message, nonceAt + NONCE_BYTES, plaintext)
  return message
}

/** The plaintext of nonce ‖ IV ‖ ciphertext ‖ tag, or nothing where it is not authentic. */
export function decryptOnce(
  key: SecretKey,
  label: Label,
  associated: Uint8Array,
  message: Uint8Array,
): Buffer | undefined {
  if (message.length < OVERHEAD_BYTES) return undefined
  // Memory of its own, which nobody else's buffers share.
  const plaintext = Buffer.allocUnsafeSlow(message.length - OVERHEAD_BYTES)
  const input = derivation(label, message, 0)
  return symmetric.open(key, input, associated, message, NONCE_BYTES, plaintext)
    ? plaintext
    : undefined
}

const EMPTY = new Uint8Array(0)
