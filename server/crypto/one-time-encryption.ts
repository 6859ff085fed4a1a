// Authenticated encryption under a key used once: AES-256-GCM (NIST SP 800-38D) with a key derived
// (SP 800-108) for this one message, so that no key comes near GCM's limit of 2³² random IVs (§8.3).
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { deriveKey, NONCE_BYTES } from './key-derivation.ts'
import type { Label } from './labels.ts'
import { randomNonce } from './random.ts'
import type { SecretKey } from './secret-key.ts'

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
  const nonceAndIv = randomNonce(NONCE_BYTES + IV_BYTES)
  const derived = deriveKey(key, label, nonceAndIv.subarray(0, NONCE_BYTES))
  const cipher = createCipheriv('aes-256-gcm', derived, nonceAndIv.subarray(NONCE_BYTES))
  cipher.setAAD(associated)
  const body = cipher.update(plaintext)
  cipher.final()
  return Buffer.concat([header, nonceAndIv, body, cipher.getAuthTag()])
}

/** The plaintext of nonce ‖ IV ‖ ciphertext ‖ tag, or nothing where it is not authentic. */
export function decryptOnce(
  key: SecretKey,
  label: Label,
  associated: Uint8Array,
  message: Uint8Array,
): Buffer | undefined {
  if (message.length < OVERHEAD_BYTES) return undefined
  const tagAt = message.length - TAG_BYTES
  const derived = deriveKey(key, label, message.subarray(0, NONCE_BYTES))
  const iv = message.subarray(NONCE_BYTES, NONCE_BYTES + IV_BYTES)
  const cipher = createDecipheriv('aes-256-gcm', derived, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated)
  cipher.setAuthTag(message.subarray(tagAt))
  const plaintext = cipher.update(message.subarray(NONCE_BYTES + IV_BYTES, tagAt))
  try {
    cipher.final()
    return plaintext
  } catch {
    plaintext.fill(0)
    return undefined
  }
}

const EMPTY = new Uint8Array(0)
