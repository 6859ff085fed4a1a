// A row is believed as it was written, and in no other way.
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { secretKey } from '../crypto/secret-key.ts'
import { rootKey } from './root-key.ts'
import { ForgedRowError, rowMacs } from './row-mac.ts'

const COLUMNS = ['id', 'name', 'count', 'bytes', 'later'] as const
const root = rootKey('ab'.repeat(16), secretKey(Buffer.alloc(32, 1)))
const macs = rowMacs(root, 'things', COLUMNS, ['id'])

type Row = Parameters<typeof macs.of>[0]
const ROW: Row = { id: 'a', name: 'b', count: 7, bytes: Buffer.from([1, 2]), later: null }
const MAC = macs.of(ROW)

describe('A row', () => {
  it('is believed with its MAC, read by either database', () => {
    expect(() => macs.require({ ...ROW, mac: MAC })).not.toThrow()
    const asBytes = { ...ROW, bytes: new Uint8Array([1, 2]), mac: new Uint8Array(MAC) }
    expect(() => macs.require(asBytes)).not.toThrow()
  })

  it.each<[string, Partial<Row>]>([
    ['another text', { name: 'c' }],
    ['no text', { name: '' }],
    ['nothing instead of a text', { name: null }],
    ['another number', { count: 8 }],
    ['a number as text', { count: '7' }],
    ['a text as bytes', { name: Buffer.from('b') }],
    ['other bytes', { bytes: Buffer.from([1, 3]) }],
    ['no bytes', { bytes: Buffer.alloc(0) }],
    ['something instead of nothing', { later: '' }],
    ['a value moved to its neighbour', { name: null, later: 'b' }],
    ['its text moved along', { id: 'ab', name: '' }],
    ['another name', { id: 'b' }],
  ])('is not believed with %s', (_what, change) => {
    expect(() => macs.require({ ...ROW, ...change, mac: MAC })).toThrow(ForgedRowError)
  })

  it('is not believed without a MAC, with a part of it, or with any bit of it changed', () => {
    expect(() => macs.require({ ...ROW, mac: null })).toThrow(ForgedRowError)
    for (let length = 0; length < MAC.length; length++) {
      expect(() => macs.require({ ...ROW, mac: MAC.subarray(0, length) })).toThrow(ForgedRowError)
    }
    expect(() => macs.require({ ...ROW, mac: Buffer.concat([MAC, MAC]) })).toThrow(ForgedRowError)
    for (let bit = 0; bit < MAC.length * 8; bit++) {
      const flipped = Buffer.from(MAC)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => macs.require({ ...ROW, mac: flipped })).toThrow(ForgedRowError)
    }
  })

  it('is not believed in another table, nor under another root key', () => {
    const elsewhere = rowMacs(root, 'others', COLUMNS, ['id'])
    expect(() => elsewhere.require({ ...ROW, mac: MAC })).toThrow(ForgedRowError)
    const other = rootKey(root.id, secretKey(Buffer.alloc(32, 2)))
    const foreign = rowMacs(other, 'things', COLUMNS, ['id'])
    expect(() => foreign.require({ ...ROW, mac: MAC })).toThrow(ForgedRowError)
  })

  it('keeps its MAC when a column is added that is null in it', () => {
    const more = rowMacs(root, 'things', [...COLUMNS, 'newest'], ['id'])
    expect(() => more.require({ ...ROW, newest: null, mac: MAC })).not.toThrow()
    expect(() => more.require({ ...ROW, newest: 'x', mac: MAC })).toThrow(ForgedRowError)
  })

  it('is named where it is refused, and its content is not', () => {
    const named = rowMacs(root, 'things', COLUMNS, ['id', 'count'])
    expect(() => named.require({ ...ROW, name: 'private', mac: MAC })).toThrow(
      'the row a/7 of things was not written by this server: its MAC does not verify',
    )
  })
})

it('A MAC is HMAC-SHA-256 under a derived key, as docs/cryptography.md says', () => {
  const zeroes = '\0'.repeat(16)
  const key = createHmac('sha256', Buffer.alloc(32, 1))
    .update(`\0\0\0\x01keyhold/1/row-mac\0${zeroes}\0\0\x01\0`, 'latin1')
    .digest()
  const fields = ['row', 'things', 'id', 'string', 'a', 'name', 'string', 'b']
  fields.push('count', 'number', '7', 'bytes', 'bytes', '\x01\x02')
  const content = fields.map((field) => `\0\0\0${String.fromCharCode(field.length)}${field}`)
  const mac = createHmac('sha256', key).update(content.join(''), 'latin1').digest()
  expect(MAC).toEqual(mac)
})
