// The other yardstick: nothing but the cryptography that one operation cannot do without, in a loop.
// Key derivation: NIST SP 800-108r1 §4.1 with HMAC-SHA-256; encryption: AES-256-GCM, SP 800-38D.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
} from 'node:crypto'
import { type CryptoOrder, type CryptoResult, takeOrders } from './messages.ts'

const ALGORITHM = 'aes-256-gcm'
const NONCE_AT = 24
const NONCE_BYTES = 16
const BETWEEN_LOOKS_AT_THE_CLOCK = 100

const material = createSecretKey(randomBytes(32))
const fixedInput = Buffer.alloc(NONCE_AT + NONCE_BYTES + 4)
const iv = randomBytes(12)

takeOrders<CryptoOrder, CryptoResult>(({ seconds, plaintextBytes, associatedBytes, direction }) => {
  const plaintext = randomBytes(plaintextBytes)
  const associated = randomBytes(associatedBytes)
  const { body, tag } = encrypt(plaintext, associated)
  const startedAtMs = performance.now()
  const endAtMs = startedAtMs + seconds * 1000
  let operations = 0
  while (performance.now() < endAtMs) {
    for (let count = 0; count < BETWEEN_LOOKS_AT_THE_CLOCK; count++, operations++) {
      if (direction === 'decrypt') {
        decrypt(body, tag, associated)
      } else {
        fixedInput.writeUInt32BE(operations, NONCE_AT)
        encrypt(plaintext, associated)
      }
    }
  }
  return { operations, seconds: (performance.now() - startedAtMs) / 1000 }
})

function deriveKey() {
  return createSecretKey(createHmac('sha256', material).update(fixedInput).digest())
}

function encrypt(plaintext: Buffer, associated: Buffer) {
  const cipher = createCipheriv(ALGORITHM, deriveKey(), iv)
  cipher.setAAD(associated)
  const body = cipher.update(plaintext)
  cipher.final()
  return { body, tag: cipher.getAuthTag() }
}

function decrypt(body: Buffer, tag: Buffer, associated: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, deriveKey(), iv, { authTagLength: 16 })
  decipher.setAAD(associated)
  decipher.setAuthTag(tag)
  const plaintext = decipher.update(body)
  decipher.final()
  return plaintext
}
