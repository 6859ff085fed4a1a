// The ciphertext blob: vectors that other code computed, and every change of a blob refused.
import { describe, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import file from '../../../crypto/vectors/ciphertext-blob.json' with { type: 'json' }
import { type BlobKey, blobHeader, openBlob, readBlob, sealBlob } from './ciphertext-blob.ts'
import type { EncryptionContext } from './encryption-context.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const KEY: BlobKey = {
  account: '111122223333',
  keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  materialId: 'ab'.repeat(32),
}
const material = secretKey(Buffer.alloc(32, 1))
const context = { department: 'finance' }
const blob = sealBlob(material, blobHeader(KEY), context, Buffer.from('hello'))

/** The plaintext of the bytes, as text; nothing where they are refused. */
function opened(
  bytes: Uint8Array,
  given: EncryptionContext | undefined = context,
  key = material,
): string | undefined {
  const read = readBlob(bytes)
  return read && openBlob(key, read, given)?.toString()
}

describe.each(file.vectors)('the vector $name', (vector) => {
  const key = () => secretKey(hex(vector.key))
  const given = vector.encryptionContext as unknown as EncryptionContext

  it('is read and opened', () => {
    const read = readBlob(hex(vector.blob))
    expect(read).toMatchObject({
      account: vector.account,
      keyId: vector.keyId,
      materialId: vector.materialId,
    })
    expect(read && openBlob(key(), read, given)?.toString('hex')).toBe(vector.plaintext)
  })

  it('has the header that is made for its key', () => {
    expect(blobHeader(vector).toString('hex')).toBe(vector.header)
  })

  it('does not open with one pair more in its context', () => {
    const read = readBlob(hex(vector.blob))
    expect(read && openBlob(key(), read, { ...given, more: '' })).toBeUndefined()
  })
})

it('a vector without context opens with none and with an empty one', () => {
  const vector = file.vectors.find(({ name }) => name === 'no context')
  const read = readBlob(hex(vector?.blob ?? ''))
  for (const none of [undefined, {}]) {
    const plaintext = read && openBlob(secretKey(hex(vector?.key ?? '')), read, none)
    expect(plaintext?.toString()).toBe('hello')
  }
})

describe('a blob', () => {
  it('names its account, key and material, and opens with its own context', () => {
    expect(readBlob(blob)).toMatchObject(KEY)
    expect(opened(blob)).toBe('hello')
  })

  it('is read from the middle of a larger buffer as well', () => {
    const larger = Buffer.concat([randomBytes(7), blob, randomBytes(5)])
    const view = new Uint8Array(larger.buffer, larger.byteOffset + 7, blob.length)
    expect(opened(view)).toBe('hello')
  })

  it('is refused with any bit of any of its bytes flipped', () => {
    for (let at = 0; at < blob.length * 8; at++) {
      const flipped = Buffer.from(blob)
      flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
      expect(opened(flipped), `bit ${at & 7} of byte ${at >> 3}`).toBeUndefined()
    }
  })

  it('is refused at every length but its own, cut at either end or longer', () => {
    for (let length = 0; length < blob.length; length++) {
      expect(opened(blob.subarray(0, length)), `first ${length} bytes`).toBeUndefined()
      expect(opened(blob.subarray(blob.length - length)), `last ${length}`).toBeUndefined()
    }
    expect(opened(Buffer.concat([blob, Buffer.alloc(1)]))).toBeUndefined()
    expect(opened(Buffer.concat([blob, blob]))).toBeUndefined()
  })

  it('is refused with parts of another blob under the same key and context', () => {
    const other = sealBlob(material, blobHeader(KEY), context, Buffer.from('world'))
    for (const [start, end] of [
      [57, 73],
      [73, 85],
      [85, 90],
      [90, 106],
    ] as const) {
      const mixed = Buffer.from(blob)
      other.copy(mixed, start, start, end)
      expect(opened(mixed), `bytes ${start}-${end}`).toBeUndefined()
    }
  })

  it('is refused under another material, account or key', () => {
    expect(opened(blob, context, secretKey(Buffer.alloc(32, 2)))).toBeUndefined()
    for (const other of [
      { account: '111122223334' },
      { keyId: '1234abcd-12ab-34cd-56ef-1234567890ac' },
      { keyId: 'mrk-1234abcd12ab34cd56ef1234567890ab' },
      { materialId: 'ba'.repeat(32) },
    ]) {
      const moved = Buffer.concat([blobHeader({ ...KEY, ...other }), blob.subarray(57)])
      expect(opened(moved), JSON.stringify(other)).toBeUndefined()
    }
  })

  it('opens with the pairs of its context in any order, and with nothing else', () => {
    const pairs = { a: 'bc', d: 'e' }
    const made = sealBlob(material, blobHeader(KEY), pairs, Buffer.from('x'))
    expect(opened(made, { d: 'e', a: 'bc' })).toBe('x')
    for (const other of [
      undefined,
      {},
      { a: 'bc' },
      { d: 'e' },
      { ab: 'c', d: 'e' },
      { a: 'bc', d: 'e', f: '' },
      { A: 'bc', d: 'e' },
      { a: 'BC', d: 'e' },
      { a: 'e', d: 'bc' },
      { a: 'b', cd: 'e' },
    ] as (EncryptionContext | undefined)[]) {
      const read = readBlob(made)
      expect(read && openBlob(material, read, other), JSON.stringify(other)).toBeUndefined()
    }
  })

  it('is other bytes each time, in everything after its header', () => {
    const all = Array.from({ length: 200 }, () =>
      sealBlob(material, blobHeader(KEY), context, Buffer.from('hello')),
    )
    expect(new Set(all.map((bytes) => bytes.toString('hex', 0, 57))).size).toBe(1)
    expect(new Set(all.map((bytes) => bytes.toString('hex', 57, 85))).size).toBe(200)
    expect(new Set(all.map((bytes) => bytes.toString('hex', 85))).size).toBe(200)
  })

  it('tells nothing of its Region: the same material opens it anywhere', () => {
    const key = { ...KEY, keyId: 'mrk-1234abcd12ab34cd56ef1234567890ab' }
    const made = sealBlob(material, blobHeader(key), undefined, Buffer.from('x'))
    expect(made.toString('latin1')).not.toMatch(/us-east|eu-west/)
    expect(opened(made, undefined)).toBeUndefined()
    expect(opened(made, {})).toBe('x')
  })
})

describe('bytes that are no blob', () => {
  it.each([
    ['none', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(200)],
    ['random ones', randomBytes(200)],
    ['another version', Buffer.concat([Buffer.from([2]), blob.subarray(1)])],
    ['another scheme', Buffer.concat([blob.subarray(0, 1), Buffer.from([2]), blob.subarray(2)])],
    [
      'another key id form',
      Buffer.concat([blob.subarray(0, 2), Buffer.from([2]), blob.subarray(3)]),
    ],
    [
      'an account beyond twelve digits',
      Buffer.concat([blob.subarray(0, 3), Buffer.alloc(6, 0xff), blob.subarray(9)]),
    ],
    ['no ciphertext', blob.subarray(0, 57 + 44)],
  ])('are read as none: %s', (_what, bytes) => {
    expect(readBlob(bytes)).toBeUndefined()
  })
})

it('A blob header names an account, a key and a material, each in full.', () => {
  for (const wrong of [
    { account: '11112222333' },
    { account: '1111222233334' },
    { account: '11112222333a' },
    { account: '' },
    { keyId: '' },
    { keyId: 'alias/x' },
    { keyId: '1234abcd-12ab-34cd-56ef-1234567890a' },
    { keyId: '1234ABCD-12ab-34cd-56ef-1234567890ab' },
    { keyId: 'mrk-1234abcd12ab34cd56ef1234567890a' },
    { keyId: 'mrk-mrk-1234abcd12ab34cd56ef1234567890ab' },
    { materialId: 'ab' },
    { materialId: 'AB'.repeat(32) },
    { materialId: 'ab'.repeat(33) },
  ]) {
    expect(() => blobHeader({ ...KEY, ...wrong }), JSON.stringify(wrong)).toThrow(
      'needs: A blob header names an account, a key and a material, each in full.',
    )
  }
  expect(() => blobHeader(KEY)).not.toThrow()
})
