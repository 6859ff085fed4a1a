import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holds } from '../testing/holds.ts'
import { compareDecimals, readDecimal } from './numeric.ts'

test('Integers of any size compare as BigInt compares them', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (first, second) => {
      const [one, other] = [readDecimal(`${first}`), readDecimal(`${second}`)]
      if (one === undefined || other === undefined) throw new Error('a number was not read')
      expect(Math.sign(compareDecimals(one, other))).toBe(
        first < second ? -1 : first > second ? 1 : 0,
      )
    }),
  )
})

test('Numbers no double can tell apart are different numbers', () => {
  expect(holds('NumericEquals', '9007199254740993', '9007199254740992')).toBe(false)
  expect(holds('NumericLessThan', '0.10000000000000000000001', '0.1')).toBe(true)
})

test('Sign, leading zeros and trailing zeros do not matter', () => {
  for (const text of ['7', '+7', '007', '7.0', '+07.00']) {
    expect(holds('NumericEquals', '7', text), text).toBe(true)
  }
  expect(holds('NumericEquals', '0', '-0.0')).toBe(true)
  expect(holds('NumericEquals', '7', '-7')).toBe(false)
})

test('Every comparison holds on its own side of the number and on no other', () => {
  const table = [
    ['NumericLessThan', true, false, false],
    ['NumericLessThanEquals', true, true, false],
    ['NumericGreaterThan', false, false, true],
    ['NumericGreaterThanEquals', false, true, true],
    ['NumericEquals', false, true, false],
    ['NumericNotEquals', true, false, true],
  ] as const
  for (const [operator, ...expected] of table) {
    expect(
      ['-29.5', '-29', '-28'].map((value) => holds(operator, '-29', value)),
      operator,
    ).toEqual(expected)
  }
})

test('What is no number matches nothing, and so satisfies NumericNotEquals alone', () => {
  for (const text of ['', 'x', '1e3', '1.', '.5', '0x10', ' 7', '7 ', '--7', '1,000', '٧']) {
    expect(holds('NumericEquals', '7', text), text).toBe(false)
    expect(holds('NumericLessThan', '7', text), text).toBe(false)
    expect(holds('NumericGreaterThan', '7', text), text).toBe(false)
    expect(holds('NumericNotEquals', '7', text), text).toBe(true)
    expect(holds('NumericLessThan', text, '7'), text).toBe(false)
  }
})
