// Fields as bytes: no two lists of fields are the same bytes.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fields } from './fields.ts'

it('each field is preceded by its length in bytes', () => {
  expect(fields('a', 'ü', Buffer.from([1, 2])).toString('hex')).toBe(
    `${'0000000161'}${'00000002c3bc'}${'000000020102'}`,
  )
  expect(fields()).toEqual(Buffer.alloc(0))
  expect(fields('')).toEqual(Buffer.alloc(4))
})

it.each([
  [
    ['a', 'bc'],
    ['ab', 'c'],
  ],
  [['ab'], ['a', 'b']],
  [
    ['', 'a'],
    ['a', ''],
  ],
  [['a'], ['a', '']],
  [[], ['']],
])('%j are other bytes than %j', (left, right) => {
  expect(fields(...left).equals(fields(...right))).toBe(false)
})

it('any two lists of fields that differ are different bytes', () => {
  const list = fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 4 })
  fc.assert(
    fc.property(list, list, (left, right) => {
      const same =
        JSON.stringify(left.map((f) => [...f])) === JSON.stringify(right.map((f) => [...f]))
      expect(fields(...left).equals(fields(...right))).toBe(same)
    }),
    { numRuns: 2000 },
  )
})
