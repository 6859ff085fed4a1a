// The derivation against NIST's vectors, by way of the construction as the standard writes it.
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deriveKey, NONCE_BYTES } from './key-derivation.ts'
import { LABELS, type Label } from './labels.ts'
import { type SecretKey, secretKey } from './secret-key.ts'
import ours from './vectors/key-derivation.json' with { type: 'json' }
import nist from './vectors/sp800-108-counter-hmac-sha256.json' with { type: 'json' }

const labels = Object.keys(LABELS) as Label[]
const bytesOf = (key: SecretKey) => key.export().toString('hex')
const key = () => secretKey(Buffer.from(ours.key, 'hex'))

/** SP 800-108r1 §4.1 with r = 32 and the counter before the fixed input. */
function counterMode(keyBytes: Uint8Array, fixedInput: Uint8Array, outputBits: number): Buffer {
  const blocks: Buffer[] = []
  for (let counter = 1; blocks.length * 256 < outputBits; counter++) {
    const prefix = Buffer.alloc(4)
    prefix.writeUInt32BE(counter)
    blocks.push(createHmac('sha256', keyBytes).update(prefix).update(fixedInput).digest())
  }
  return Buffer.concat(blocks).subarray(0, outputBits / 8)
}

it.each(nist.vectors)(
  'counter mode gives what NIST publishes: $outputBits bits, count $count',
  ({ key, fixedInput, outputBits, output }) => {
    const derived = counterMode(Buffer.from(key, 'hex'), Buffer.from(fixedInput, 'hex'), outputBits)
    expect(derived.toString('hex')).toBe(output)
  },
)

it('a derived key is counter mode over label, 00, nonce and length, for any key and nonce', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(
      bytes(32),
      bytes(NONCE_BYTES),
      fc.constantFrom(...labels),
      (secret, nonce, label) => {
        const fixed = Buffer.concat([
          Buffer.from(LABELS[label]),
          Buffer.from([0]),
          nonce,
          Buffer.from([0, 0, 1, 0]),
        ])
        const derived = deriveKey(secretKey(Buffer.from(secret)), label, nonce)
        expect(bytesOf(derived)).toBe(counterMode(secret, fixed, 256).toString('hex'))
      },
    ),
  )
})

it.each(Object.entries(ours.derived))(
  'the key derived for %s is the one that other code computed, and stays it',
  (label, { label: text, key: derived }) => {
    expect(LABELS[label as Label]).toBe(text)
    const nonce = Buffer.from(ours.nonce, 'hex')
    expect(bytesOf(deriveKey(key(), label as Label, nonce))).toBe(derived)
  },
)

it('derived keys differ by label, by nonce and by key', () => {
  const nonce = Buffer.alloc(NONCE_BYTES)
  const other = Buffer.alloc(NONCE_BYTES, 1)
  const derived = labels.flatMap((label) => [
    bytesOf(deriveKey(key(), label, nonce)),
    bytesOf(deriveKey(key(), label, other)),
    bytesOf(deriveKey(secretKey(Buffer.alloc(32)), label, nonce)),
  ])
  expect(new Set(derived).size).toBe(derived.length)
})

it('one derivation leaves nothing behind in the next', () => {
  const nonce = Buffer.alloc(NONCE_BYTES, 7)
  const first = bytesOf(deriveKey(key(), 'ciphertext', nonce))
  deriveKey(key(), 'ciphertext', Buffer.alloc(NONCE_BYTES, 8))
  deriveKey(key(), 'domainKey', Buffer.alloc(NONCE_BYTES, 9))
  expect(bytesOf(deriveKey(key(), 'ciphertext', nonce))).toBe(first)
  expect(nonce).toEqual(Buffer.alloc(NONCE_BYTES, 7))
})

it('no label is another one, and none holds the 00 that ends it', () => {
  const texts = Object.values(LABELS)
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts.join('')).not.toContain('\0')
})

it('A derivation nonce has 16 bytes.', () => {
  for (const length of [0, 1, 15, 17, 32]) {
    expect(() => deriveKey(key(), 'ciphertext', Buffer.alloc(length))).toThrow(
      'needs: A derivation nonce has 16 bytes.',
    )
  }
})
