import { expect, test } from 'vitest'
import { holds } from '../testing/holds.ts'
import { variable } from '../testing/variable.ts'

test('StringEquals compares case and all, and knows no wildcards', () => {
  expect(holds('StringEquals', 'Tenant', 'Tenant')).toBe(true)
  expect(holds('StringEquals', 'Tenant', 'tenant')).toBe(false)
  expect(holds('StringEquals', 'T*', 'Tenant')).toBe(false)
  expect(holds('StringEquals', 'T*', 'T*')).toBe(true)
  expect(holds('StringEquals', `T${variable('*')}`, 'T*')).toBe(true)
})

test('StringNotEquals holds when no value is equal', () => {
  expect(holds('StringNotEquals', ['a', 'b'], 'c')).toBe(true)
  expect(holds('StringNotEquals', ['a', 'b'], 'b')).toBe(false)
})

test('IgnoreCase lowers both sides and folds no further', () => {
  expect(holds('StringEqualsIgnoreCase', 'ÄB', 'äb')).toBe(true)
  expect(holds('StringEqualsIgnoreCase', 'straße', 'STRASSE')).toBe(false)
  expect(holds('StringNotEqualsIgnoreCase', 'AB', 'ab')).toBe(false)
  expect(holds('StringNotEqualsIgnoreCase', 'AB', 'ac')).toBe(true)
})

test('StringLike knows star and question mark', () => {
  expect(holds('StringLike', ['x', 'a*c?'], 'abbcd')).toBe(true)
  expect(holds('StringLike', 'a*c?', 'abbc')).toBe(false)
  expect(holds('StringNotLike', 'a*', 'abc')).toBe(false)
  expect(holds('StringNotLike', 'a*', 'bc')).toBe(true)
})

test('A star that came from a variable is no wildcard', () => {
  const given = [
    ['test:key', 'abc'],
    ['test:other', '*'],
  ] as const
  expect(holds('StringLike', variable('test:other'), given)).toBe(false)
  expect(holds('StringLike', `${variable('test:other')}*`, [['test:key', '*x'], given[1]])).toBe(
    true,
  )
})
