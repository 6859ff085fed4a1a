// AES-256-GCM as it is used here: NIST's vectors for the cipher, then what no change of any bit gets past.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LABELS, type Label } from './labels.ts'
import { decryptOnce, encryptOnce, OVERHEAD_BYTES } from './one-time-encryption.ts'
import { randomBytes } from './random.ts'
import { secretKey } from './secret-key.ts'
import nist from './vectors/aes-256-gcm.json' with { type: 'json' }

const hex = (text: string) => Buffer.from(text, 'hex')
const key = secretKey(Buffer.alloc(32, 1))
const associated = Buffer.from('associated')
const plaintext = Buffer.from('plaintext')
const message = encryptOnce(key, 'ciphertext', associated, plaintext)

afterEach(() => vi.restoreAllMocks())

describe('AES-256-GCM', () => {
  it('encrypts and decrypts what NIST publishes', () => {
    for (const vector of nist.authentic) {
      const handle = () => secretKey(hex(vector.key))
      const cipher = createCipheriv('aes-256-gcm', handle(), hex(vector.iv))
      cipher.setAAD(hex(vector.associated))
      const body = Buffer.concat([cipher.update(hex(vector.plaintext)), cipher.final()])
      expect(body.toString('hex') + cipher.getAuthTag().toString('hex')).toBe(
        vector.ciphertext + vector.tag,
      )
      const decipher = createDecipheriv('aes-256-gcm', handle(), hex(vector.iv), {
        authTagLength: 16,
      })
      decipher.setAAD(hex(vector.associated)).setAuthTag(hex(vector.tag))
      const opened = Buffer.concat([decipher.update(hex(vector.ciphertext)), decipher.final()])
      expect(opened.toString('hex')).toBe(vector.plaintext)
    }
    expect(nist.authentic.length).toBeGreaterThan(50)
  })

  it('refuses the forgeries that NIST publishes', () => {
    for (const vector of nist.forged) {
      const decipher = createDecipheriv('aes-256-gcm', secretKey(hex(vector.key)), hex(vector.iv), {
        authTagLength: 16,
      })
      decipher.setAAD(hex(vector.associated)).setAuthTag(hex(vector.tag))
      decipher.update(hex(vector.ciphertext))
      expect(() => decipher.final()).toThrow()
    }
    expect(nist.forged.length).toBeGreaterThan(20)
  })
})

describe('a message', () => {
  it.each([0, 1, 15, 16, 17, 32, 4096, 100_000])('of %i bytes is decrypted again', (length) => {
    const bytes = randomBytes(length)
    const made = encryptOnce(key, 'ciphertext', associated, bytes)
    expect(made).toHaveLength(length + OVERHEAD_BYTES)
    expect(decryptOnce(key, 'ciphertext', associated, made)).toEqual(bytes)
  })

  it('has its header in front, and no other bytes of its own', () => {
    const header = Buffer.from('header')
    const made = encryptOnce(key, 'ciphertext', associated, plaintext, header)
    expect(made.subarray(0, header.length)).toEqual(header)
    expect(decryptOnce(key, 'ciphertext', associated, made.subarray(header.length))).toEqual(
      plaintext,
    )
  })

  it('is another one each time, in nonce, IV, body and tag', () => {
    const made = Array.from({ length: 1000 }, () =>
      encryptOnce(key, 'ciphertext', associated, plaintext),
    )
    const parts = [
      [0, 16],
      [16, 28],
      [28, 37],
      [37, 53],
    ] as const
    for (const [start, end] of parts) {
      expect(new Set(made.map((bytes) => bytes.toString('hex', start, end))).size).toBe(made.length)
    }
  })

  it('does not hold its plaintext', () => {
    expect(message.includes(plaintext)).toBe(false)
  })

  it('is refused with any bit of it flipped', () => {
    for (let at = 0; at < message.length * 8; at++) {
      const flipped = Buffer.from(message)
      flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
      expect(decryptOnce(key, 'ciphertext', associated, flipped), `bit ${at}`).toBeUndefined()
    }
  })

  it('is refused at every length but its own', () => {
    for (let length = 0; length < message.length; length++) {
      expect(
        decryptOnce(key, 'ciphertext', associated, message.subarray(0, length)),
      ).toBeUndefined()
      expect(
        decryptOnce(key, 'ciphertext', associated, message.subarray(length + 1)),
      ).toBeUndefined()
    }
    const longer = Buffer.concat([message, Buffer.from([0])])
    expect(decryptOnce(key, 'ciphertext', associated, longer)).toBeUndefined()
  })

  it('is refused with other associated data', () => {
    for (const other of ['', 'associate', 'associated ', 'Associated']) {
      expect(decryptOnce(key, 'ciphertext', Buffer.from(other), message)).toBeUndefined()
    }
  })

  it('is refused under another key', () => {
    const other = secretKey(Buffer.alloc(32, 2))
    expect(decryptOnce(other, 'ciphertext', associated, message)).toBeUndefined()
  })

  it('is refused for any other use of the same key', () => {
    for (const label of Object.keys(LABELS) as Label[]) {
      const opened = decryptOnce(key, label, associated, message)
      expect(opened?.equals(plaintext) ?? false).toBe(label === 'ciphertext')
    }
  })

  it('that is not authentic leaves no plaintext behind', () => {
    const handedOut: Buffer<ArrayBuffer>[] = []
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((bytes) => {
      handedOut.push(Buffer.alloc(bytes, 9))
      return handedOut.at(-1) as Buffer<ArrayBuffer>
    })
    const forged = Buffer.from(message)
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1
    expect(decryptOnce(key, 'ciphertext', associated, forged)).toBeUndefined()
    expect(handedOut).toEqual([Buffer.alloc(plaintext.length)])
  })
})
