// Parameters on the shapes of IAM and STS: what is read, and in which words everything else is refused.
import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import type { StaticOperationSchema } from '@smithy/types'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operationSchema } from './operation-schema.ts'
import { ShapeMismatch } from './read-json.ts'
import { parameterReader } from './read-parameters.ts'
import type { Shape, StructureShape } from './shape.ts'

const readerOf = (schema: StaticOperationSchema) => parameterReader(operationSchema(schema).input)
const assumeRole = readerOf(sts.AssumeRole$)
const simulate = readerOf(iam.SimulateCustomPolicy$)
const acquireRole = readerOf(iam.AcquireRole$)
const passwordPolicy = readerOf(iam.UpdateAccountPasswordPolicy$)

type Given = Readonly<Record<string, string>>
const read = (given: Given, reader = assumeRole) => reader(new Map(Object.entries(given)))

function refusal(given: Given, reader = assumeRole): string {
  try {
    read(given, reader)
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeMismatch)
    return (error as Error).message
  }
  throw new Error('the parameters were read')
}

/** A structure with one member of this shape, which no operation of IAM or STS has. */
function one(shape: Shape, xmlName?: string): StructureShape {
  const member = { name: 'Thing', required: false, sensitive: false, shape: () => shape }
  const members = [xmlName === undefined ? member : { ...member, xmlName }]
  return { kind: 'structure', sensitive: false, name: 'One', members }
}
const text: Shape = { kind: 'string', sensitive: false }

describe('a list', () => {
  it('of structures is read in the order of its numbers', () => {
    expect(
      read({
        'Tags.member.2.Key': 'b',
        'Tags.member.1.Value': 'x',
        'Tags.member.1.Key': 'a',
        'Tags.member.2.Value': '',
      }),
    ).toEqual({
      Tags: [
        { Key: 'a', Value: 'x' },
        { Key: 'b', Value: '' },
      ],
    })
  })

  it('may hold lists', () => {
    const given = {
      'ContextEntries.member.1.ContextKeyValues.member.1': 'x',
      'ContextEntries.member.1.ContextKeyValues.member.2': 'y',
    }
    expect(read(given, simulate)).toEqual({ ContextEntries: [{ ContextKeyValues: ['x', 'y'] }] })
  })

  it('has its numbers in decimal order, beyond nine entries as well', () => {
    const keys = Array.from({ length: 12 }, (_, at) => [
      `TransitiveTagKeys.member.${at + 1}`,
      `${at}`,
    ])
    expect(read(Object.fromEntries(keys)).TransitiveTagKeys).toEqual(
      Array.from({ length: 12 }, (_, at) => `${at}`),
    )
  })

  it('is empty where its name alone is given', () => {
    expect(read({ TransitiveTagKeys: '' })).toEqual({ TransitiveTagKeys: [] })
    expect(refusal({ TransitiveTagKeys: 'x' })).toBe('Unexpected string found where a list belongs')
  })

  it.each([
    [['2']],
    [['0', '1']],
    [['1', '3']],
    [['999999999']],
    [['1', '01']],
    [['1', '1e0']],
    [['-1']],
    [['one']],
    [['']],
    [['1', '4294967297']],
    [['__proto__']],
    [['length']],
  ])('is refused with the numbers %j', (numbers) => {
    const given = Object.fromEntries(numbers.map((n) => [`TransitiveTagKeys.member.${n}`, 'x']))
    expect(refusal(given)).toBe('The entries of a list must be numbered from 1 without a gap')
  })

  it.each([
    [{ 'TransitiveTagKeys.1': 'x' }],
    [{ 'TransitiveTagKeys.member.1': 'x', 'TransitiveTagKeys.1': 'y' }],
    [{ 'TransitiveTagKeys.entry.1': 'x' }],
    [{ 'TransitiveTagKeys.member.1': 'x', 'TransitiveTagKeys.members.1': 'y' }],
  ])('is refused in another form, alone and beside its own: %j', (given) => {
    expect(refusal(given as unknown as Given)).toBe(
      'Unexpected structure found where a list belongs',
    )
  })

  it.each([
    [{ 'TransitiveTagKeys.member': 'x' }, 'a list'],
    [{ TransitiveTagKeys: '', 'TransitiveTagKeys.member.1': 'x' }, 'a list'],
    [{ 'TransitiveTagKeys.member': 'x', 'TransitiveTagKeys.member.1': 'x' }, 'a list'],
    [{ 'Tags.member.1': 'x' }, 'a structure'],
    [{ 'Tags.member.1': '', 'Tags.member.1.Key': 'x' }, 'a structure'],
  ])('is refused where a value stands in the place of its parts: %j', (given, expected) => {
    expect(refusal(given as unknown as Given)).toBe(
      `Unexpected string found where ${expected} belongs`,
    )
  })

  it('that is flattened, or whose entries have another name, is read so', () => {
    const list = (more: object): Shape => ({
      kind: 'list',
      sensitive: false,
      member: text,
      ...more,
    })
    const flat = parameterReader(one(list({ flattened: true })))
    expect(read({ 'Thing.1': 'a', 'Thing.2': 'b' }, flat)).toEqual({ Thing: ['a', 'b'] })
    expect(refusal({ 'Thing.member.1': 'a' }, flat)).toContain('numbered from 1')
    const renamed = parameterReader(one(list({ memberName: 'item' }), 'Item'))
    expect(read({ 'Item.item.1': 'a', 'Thing.item.1': 'b' }, renamed)).toEqual({ Thing: ['a'] })
    expect(refusal({ 'Item.member.1': 'a' }, renamed)).toContain('where a list belongs')
  })
})

describe('a map', () => {
  const entry = (at: number, key: string, value = 'x') => ({
    [`ReplacementValues.entry.${at}.key`]: key,
    [`ReplacementValues.entry.${at}.value.Values.member.1`]: value,
  })

  it('is read by its entries; every key is a key like any other', () => {
    const { ReplacementValues: map } = read(
      { ...entry(1, '__proto__', 'a'), ...entry(2, 'constructor', 'b') },
      acquireRole,
    )
    expect(Object.getPrototypeOf(map)).toBeNull()
    expect(Object.keys(map as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>).Values).toBeUndefined()
  })

  it('is refused with a key that stands twice, and with half an entry', () => {
    expect(refusal({ ...entry(1, 'a'), ...entry(2, 'a') }, acquireRole)).toBe(
      'A key stands twice in a map',
    )
    for (const part of ['key', 'value.Values.member.1', 'name']) {
      expect(refusal({ [`ReplacementValues.entry.1.${part}`]: 'x' }, acquireRole)).toBe(
        'An entry of a map needs a key and a value',
      )
    }
    expect(refusal(entry(2, 'a'), acquireRole)).toContain('numbered from 1 without a gap')
    expect(refusal({ 'ReplacementValues.member.1.key': 'a' }, acquireRole)).toBe(
      'Unexpected structure found where a map belongs',
    )
  })

  it('that is flattened, or whose parts have other names, is read so', () => {
    const map = {
      kind: 'map',
      sensitive: false,
      value: text,
      keyName: 'Name',
      valueName: 'V',
    } as const
    const flat = parameterReader(one({ ...map, flattened: true }))
    expect(read({ 'Thing.1.Name': 'a', 'Thing.1.V': 'b' }, flat)).toEqual({ Thing: { a: 'b' } })
    const plain = parameterReader(one(map))
    expect(read({ 'Thing.entry.1.Name': 'a', 'Thing.entry.1.V': 'b' }, plain)).toEqual({
      Thing: { a: 'b' },
    })
  })
})

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
