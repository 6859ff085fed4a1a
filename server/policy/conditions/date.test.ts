import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holds } from '../testing/holds.ts'
import { readDate } from './date.ts'

test('Every moment JavaScript prints is read as that moment', () => {
  const moments = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(moments, (moment) => {
      expect(readDate(moment.toISOString())).toBe(moment.getTime())
      expect(readDate(moment.toISOString().slice(0, 10))).toBe(
        Math.floor(moment.getTime() / 86_400_000) * 86_400_000,
      )
    }),
  )
})

test('All profiles of the W3C and epoch seconds name the same moment', () => {
  const forms = [
    '2026',
    '2026-01',
    '2026-01-01',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.000Z',
    '2026-01-01T05:30:00+05:30',
    '2025-12-31T19:00:00-05:00',
    '1767225600',
    '1767225600.000',
  ]
  for (const form of forms) expect(readDate(form), form).toBe(1_767_225_600_000)
})

test('Dates that do not exist and texts that are no dates are not read', () => {
  const texts = [
    '2026-02-29',
    '1900-02-29',
    '2026-13-01',
    '2026-00-01',
    '2026-04-31',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01 00:00:00Z',
    '2026-1-1',
    'January 1, 2026',
    '',
    '12345678901234567',
  ]
  for (const text of texts) expect(readDate(text), text).toBeUndefined()
  expect(readDate('2000-02-29')).toBe(Date.UTC(2000, 1, 29))
})

test('Dates differ by a millisecond, and by nothing less', () => {
  expect(holds('DateGreaterThan', '2030-01-01T00:00:00Z', '2030-01-01T00:00:00.001Z')).toBe(true)
  expect(holds('DateEquals', '2030-01-01T00:00:00.0001Z', '2030-01-01T00:00:00.0009Z')).toBe(true)
})

test('Every comparison holds on its own side of the moment and on no other', () => {
  const table = [
    ['DateLessThan', true, false, false],
    ['DateLessThanEquals', true, true, false],
    ['DateGreaterThan', false, false, true],
    ['DateGreaterThanEquals', false, true, true],
    ['DateEquals', false, true, false],
    ['DateNotEquals', true, false, true],
  ] as const
  const moments = ['2029-12-31', '1893456000', '2030-01-01T00:00:01Z']
  for (const [operator, ...expected] of table) {
    expect(
      moments.map((value) => holds(operator, '2030-01-01', value)),
      operator,
    ).toEqual(expected)
  }
})

test('What is no date matches nothing', () => {
  expect(holds('DateLessThan', '2030-01-01', 'soon')).toBe(false)
  expect(holds('DateGreaterThan', 'soon', '2030-01-01')).toBe(false)
  expect(holds('DateNotEquals', '2030-01-01', 'soon')).toBe(true)
})
