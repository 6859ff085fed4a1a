// Values in parameters: what of a number, a word, a time, bytes and a structure is read, and what is refused.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShapeMismatch } from './read-json.ts'
import { parameterReader } from './read-parameters.ts'
import {
  acquireRole,
  assumeRole,
  one,
  passwordPolicy,
  read,
  refusal,
  simulate,
} from './testing/parameters.ts'

describe('a value', () => {
  it.each([
    ['3600', 3600],
    ['0900', 900],
    ['-1', -1],
    ['+1', 1],
    ['-0', 0],
  ])('that is a number is read: %s', (given, value) => {
    expect(read({ DurationSeconds: given })).toEqual({ DurationSeconds: value })
  })

  it.each(['', ' 1', '1 ', '1.5', '1e3', '0x10', 'NaN', 'Infinity', '１', '9'.repeat(16), 'x'])(
    'that is no whole number is refused: %j',
    (given) => {
      expect(refusal({ DurationSeconds: given })).toBe('Expected an integer')
    },
  )

  it('that is a boolean is one of four words', () => {
    const words = { true: true, 1: true, false: false, 0: false }
    for (const [word, value] of Object.entries(words)) {
      expect(read({ RequireSymbols: word }, passwordPolicy)).toEqual({ RequireSymbols: value })
    }
    for (const word of ['', 'True', 'TRUE', 'yes', '2', ' true', 'constructor']) {
      expect(refusal({ RequireSymbols: word }, passwordPolicy)).toBe(
        'boolean must follow xsd1.1 definition',
      )
    }
  })

  const time = parameterReader(one({ kind: 'timestamp', sensitive: false }))
  it.each([
    ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T12:00:00.5Z', '2026-03-01T12:00:00.500Z'],
    ['2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('that is a timestamp is read: %s', (given, iso) => {
    expect(read({ Thing: given }, time)).toEqual({ Thing: new Date(iso) })
  })

  it.each([
    '',
    'now',
    '1767225600',
    '2026-03-01',
    '2026-03-01T12:00:00',
    '2026-03-01 12:00:00Z',
    '2026-02-30T12:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T12:00:00Z',
    '2026-03-01T25:00:00Z',
    '2026-03-01T12:00:60Z',
    '2026-03-01T12:00:00+99:00',
    'Sun, 01 Mar 2026 12:00:00 GMT',
  ])('that is no timestamp is refused: %j', (given) => {
    expect(refusal({ Thing: given }, time)).toBe('Timestamp must be in ISO 8601 format')
  })

  it('that is a blob is strict base64', () => {
    const blob = parameterReader(one({ kind: 'blob', sensitive: false }))
    expect(read({ Thing: 'YWJj' }, blob)).toEqual({ Thing: Buffer.from('abc') })
    for (const given of ['YWJ', 'YW Jj', 'Y===', 'YWJ-', 'YWJj\n']) {
      expect(refusal({ Thing: given }, blob)).toBe('Invalid base64 value')
    }
  })

  it('that has parts is refused, alone and beside the value', () => {
    expect(refusal({ 'RoleArn.x': 'y' })).toBe('Unexpected structure found where a string belongs')
    expect(refusal({ 'RoleArn.': 'y' })).toBe('Unexpected structure found where a string belongs')
    expect(refusal({ RoleArn: 'x', 'RoleArn.member.1': 'y' })).toBe(
      'Unexpected structure found where a string belongs',
    )
  })
})

describe('a structure', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__.RoleArn'])(
    'has no member %s, and no prototype changes',
    (name) => {
      const input = read({ [name]: 'x', [`${name}.y`]: 'z', RoleArn: 'r' })
      expect(input).toEqual({ RoleArn: 'r' })
      expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
      expect(({} as Record<string, unknown>).RoleArn).toBeUndefined()
    },
  )

  it('ignores what names no member of it', () => {
    expect(
      read({
        Action: 'AssumeRole',
        rolearn: 'x',
        'Other.member.9': 'y',
        'Tags.member.1.Key': 'k',
        'Tags.member.1.Note': 'n',
      }),
    ).toEqual({ Tags: [{ Key: 'k' }] })
  })
})

it('hostile names give an input or a refusal, and nothing else', () => {
  const part = fc.constantFrom(
    'Tags',
    'member',
    'entry',
    '1',
    '2',
    '999999999',
    'Key',
    '__proto__',
    '',
  )
  const name = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'))
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ maxLength: 3 }), { maxKeys: 6 }), (given) => {
      for (const reader of [assumeRole, simulate, acquireRole]) {
        try {
          expect(Object.getPrototypeOf(read(given, reader))).toBe(Object.prototype)
        } catch (error) {
          expect(error).toBeInstanceOf(ShapeMismatch)
        }
      }
    }),
    { numRuns: 500 },
  )
})

it('a name of a hundred thousand parts is ignored or refused, never a crash', () => {
  const deep = '.member.1'.repeat(50_000)
  expect(read({ [`Other${deep}`]: 'x' })).toEqual({})
  expect(refusal({ [`TransitiveTagKeys${deep}`]: 'x' })).toBe(
    'Unexpected structure found where a string belongs',
  )
})
