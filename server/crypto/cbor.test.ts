// CBOR that says something in one way only.
import { expect, it } from 'vitest'
import { readCbor } from './cbor.ts'

const read = (hex: string) => readCbor(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

it('maps, lists, numbers, text, bytes and null are read', () => {
  expect(read('a2 6161 01 6162 82 f6 42 0102')).toEqual(
    new Map<string, unknown>([
      ['a', 1],
      ['b', [null, Uint8Array.of(1, 2)]],
    ]),
  )
  expect(read('1b 0000019512345678')).toBe(0x19512345678)
  expect(read('bf 6161 9f 01 ff ff')).toEqual(new Map([['a', [1]]]))
})

it('a tag means nothing', () => {
  // Dates and regular expressions, which the decoder would make otherwise.
  for (const hex of ['c1 00', 'd823 62 5b61']) expect(read(hex)).toHaveProperty('contents')
})

it.each([
  ['a key twice', 'a2 01 00 01 00'],
  ['a key twice in two forms', 'a2 01 00 1801 00'],
  ['a length in a longer form', '5801 00'],
  ['a key twice in an indefinite map', 'bf 01 00 01 00 ff'],
  ['a key twice, once in parts', 'a2 6161 01 7f 6161 ff 02'],
  ['an indefinite map that ends between key and value', 'bf 01 ff'],
  ['an indefinite list without an end', '9f 00'],
  ['an end of nothing', 'ff'],
  ['an end within a list', '81 ff'],
  ['a float', 'f9 3c00'],
  ['undefined', 'f7'],
  ['a simple value', 'e0'],
  ['text that is not UTF-8', '62 c328'],
  ['a length beyond its end', '5a ffffffff 00'],
  ['a count beyond its end', '9b ffffffffffffffff 00'],
  ['two items', '00 00'],
  ['nothing', ''],
  ['lists within lists', '81'.repeat(5000)],
  ['indefinite lists within lists', '9f'.repeat(5000)],
  ['tags within tags', 'c1'.repeat(5000)],
])('CBOR is refused with %s', (_name, hex) => {
  expect(read(hex)).toBeUndefined()
})
