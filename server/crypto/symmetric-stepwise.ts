// Symmetric cryptography by node:crypto, step by step: where the add-on was not compiled.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { equalInConstantTime, hmacSha256, hmacSha256Hex, sha256Hex } from './digest.ts'
import { secretKey } from './secret-key.ts'
import type { Symmetric } from './symmetric-contract.ts'

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

export function stepwiseSymmetric(): Symmetric {
  return {
    seal(key, derivation, associated, message, ivAt, plaintext) {
      const bodyAt = ivAt + IV_BYTES
      const derived = secretKey(hmacSha256(key, derivation))
      const cipher = createCipheriv(ALGORITHM, derived, message.subarray(ivAt, bodyAt))
      cipher.setAAD(associated)
      message.set(cipher.update(plaintext), bodyAt)
      cipher.final()
      message.set(cipher.getAuthTag(), bodyAt + plaintext.length)
    },
    open(key, derivation, associated, message, ivAt, plaintext) {
      const bodyAt = ivAt + IV_BYTES
      const tagAt = bodyAt + plaintext.length
      const derived = secretKey(hmacSha256(key, derivation))
      const iv = message.subarray(ivAt, bodyAt)
      const cipher = createDecipheriv(ALGORITHM, derived, iv, { authTagLength: TAG_BYTES })
      cipher.setAAD(associated)
      cipher.setAuthTag(message.subarray(tagAt))
      const opened = cipher.update(message.subarray(bodyAt, tagAt))
      try {
        cipher.final()
        plaintext.set(opened)
        return true
      } catch {
        plaintext.fill(0)
        return false
      } finally {
        opened.fill(0)
      }
    },
    isRequestSignature(key, text, body, prefix, signature) {
      const hash = sha256Hex(latin1(text + sha256Hex(body)))
      const right = hmacSha256Hex(key, latin1(prefix + hash))
      return equalInConstantTime(latin1(right), latin1(signature))
    },
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
