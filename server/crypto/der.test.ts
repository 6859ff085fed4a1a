// DER as far as keys need it: paths that lead somewhere, and bytes that lie about their length.
import { expect, it } from 'vitest'
import { elementAt, elements, taggedElements } from './der.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

it('elements are found one after another, with lengths in short and long form', () => {
  const long = Buffer.alloc(300, 7)
  const der = Buffer.concat([bytes('02 01 05  04 82 012c'), long, bytes('05 00')])
  expect(elements(der)).toEqual([bytes('05'), long, Buffer.of()])
})

it('a path leads into elements within elements, without a copy', () => {
  const der = bytes('30 08  02 01 00  30 03 04 01 ff')
  const found = elementAt(der, 0, 1, 0)
  expect(found).toEqual(bytes('ff'))
  found.fill(0)
  expect(der.at(-1)).toBe(0)
})

it('An element of DER lies within the bytes that hold it.', () => {
  const told = 'An element of DER lies within the bytes that hold it.'
  expect(() => elements(bytes('04 02 00'))).toThrow(told)
  expect(() => elements(bytes('04 81 ff 00'))).toThrow(told)
  expect(() => elements(bytes('04 84 ffffffff 00'))).toThrow(told)
})

it('an element is told with its tag and with all its bytes', () => {
  const [first, second] = taggedElements(bytes('30 03 0201 05  a0 00'))
  expect(first).toEqual({ tag: 0x30, content: bytes('020105'), whole: bytes('3003020105') })
  expect(second).toEqual({ tag: 0xa0, content: Buffer.of(), whole: bytes('a000') })
})

it('A tag of DER is one byte here.', () => {
  expect(() => elements(bytes('1f 81 01 00'))).toThrow('A tag of DER is one byte here.')
})

it('A length of DER is definite, and as short as can be.', () => {
  const told = 'A length of DER is definite, and as short as can be.'
  for (const der of [
    '30 80 0000', // indefinite
    '04 81 7f', // as one byte it were shorter
    '04 82 0080',
    '04 85 0000000001 00',
    '04 82 01', // ends within the length
    '04 ff 00',
  ]) {
    expect(() => elements(bytes(der)), der).toThrow(told)
  }
})

it('A path through DER leads to an element.', () => {
  expect(() => elementAt(bytes('30 02 05 00'), 0, 1)).toThrow(
    'A path through DER leads to an element.',
  )
})
