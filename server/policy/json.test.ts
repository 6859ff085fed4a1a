import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonValue } from './json.ts'
import { readJson } from './json.ts'
import type { MalformedReason } from './malformed-policy.ts'
import { MalformedPolicyError } from './malformed-policy.ts'

/** What JSON.parse would give. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, inside]) => [name, plain(inside)]))
  }
  if (Array.isArray(value)) return value.map(plain)
  if (value !== null && typeof value === 'object' && 'number' in value) return Number(value.number)
  return value
}

function refusal(text: string, maxBytes = 1000): MalformedPolicyError {
  try {
    readJson(text, maxBytes)
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error
  }
  throw new Error('it was accepted')
}

test('Whatever JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 10 }), (text) => {
      expect(plain(readJson(text, 1_000_000))).toEqual(JSON.parse(text))
    }),
  )
})

describe('What JSON does not allow is refused at its place', () => {
  const cases: readonly (readonly [text: string, reason: MalformedReason, path: string])[] = [
    ['', 'syntax', ''],
    ['{', 'syntax', ''],
    ['{"a":1,}', 'syntax', ''],
    ['[1,]', 'syntax', '[1]'],
    ['{"a" 1}', 'syntax', 'a'],
    ['{a:1}', 'syntax', ''],
    ["{'a':1}", 'syntax', ''],
    ['{"a":01}', 'syntax', ''],
    ['{"a":.5}', 'syntax', 'a'],
    ['{"a":+1}', 'syntax', 'a'],
    ['{"a":NaN}', 'syntax', 'a'],
    ['{"a":tru}', 'syntax', 'a'],
    ['{"a":1} x', 'syntax', ''],
    ['{"a":1}{"b":1}', 'syntax', ''],
    ['// a\n{}', 'syntax', ''],
    ['\ufeff{}', 'syntax', ''],
    ['{}\u00a0', 'syntax', ''],
    ['"\t"', 'syntax', ''],
    ['"\\x"', 'syntax', ''],
    ['"\\u12g4"', 'syntax', ''],
    ['"\\u12', 'syntax', ''],
    ['"abc', 'syntax', ''],
    ['{"a":{"b":1,"b":2}}', 'duplicate-name', 'a.b'],
    ['{"a":1,"\\u0061":2}', 'duplicate-name', 'a'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate-name', '__proto__'],
    ['{"a":"\\ud800"}', 'lone-surrogate', 'a'],
    ['{"a":"\\udc00x"}', 'lone-surrogate', 'a'],
    ['["\ud800"]', 'lone-surrogate', '[0]'],
  ]
  for (const [text, reason, path] of cases) {
    test(`${JSON.stringify(text)} is refused as ${reason}`, () => {
      expect(refusal(text)).toMatchObject({ reason, path })
    })
  }
})

test('A name that is a property of every object is a name like any other', () => {
  const value = readJson('{"__proto__":{"polluted":"yes"},"constructor":1}', 1000) as Map<
    string,
    unknown
  >
  expect([...value.keys()]).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('A pair of surrogates is one character', () => {
  expect(readJson('"\\ud83d\\ude00"', 100)).toBe('😀')
})

test('A number keeps the text it was written as', () => {
  expect(readJson('12345678901234567890.10', 100)).toEqual({ number: '12345678901234567890.10' })
})

test('A document is measured in bytes, and one byte too many is refused', () => {
  const text = `"${'é'.repeat(9)}"`
  expect(readJson(text, 20)).toBe('é'.repeat(9))
  expect(refusal(text, 19).reason).toBe('too-large')
})

test('Nesting is bounded, however deep the text goes', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(readJson(nested(17), 1000)).toBeDefined()
  expect(refusal(nested(18)).reason).toBe('too-deep')
  expect(refusal('['.repeat(100_000), 200_000).reason).toBe('too-deep')
})

test('An error never repeats a whole document', () => {
  const name = 'n'.repeat(900)
  expect(refusal(`{"${name}":x}`).message.length).toBeLessThan(150)
})
