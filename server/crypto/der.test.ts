// DER as far as keys need it: paths that lead somewhere, and bytes that lie about their length.
import { expect, it } from 'vitest'
import { elementAt, elements } from './der.ts'

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
})

it('A path through DER leads to an element.', () => {
  expect(() => elementAt(bytes('30 02 05 00'), 0, 1)).toThrow(
    'A path through DER leads to an element.',
  )
})
