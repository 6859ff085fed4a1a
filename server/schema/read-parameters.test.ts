// Lists and maps in parameters: what is read, and in which words everything else is refused. Values:
// read-values.test.ts.
import { describe, expect, it } from 'vitest'
import { parameterReader } from './read-parameters.ts'
import type { Shape } from './shape.ts'
import {
  acquireRole,
  type Given,
  one,
  read,
  refusal,
  simulate,
  text,
} from './testing/parameters.ts'

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
