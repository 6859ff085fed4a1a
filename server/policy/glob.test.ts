import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contextOf } from './context.ts'
import { compileGlob } from './glob.ts'
import type { LiteralPattern } from './pattern.ts'
import { readPattern, resolvePattern } from './pattern.ts'
import { StepsExceededError, stepsFor } from './steps.ts'
import { naiveLike, naiveTokens } from './testing/naive-conditions.ts'
import { variable } from './testing/variable.ts'

function matches(pattern: string, text: string): boolean {
  return compileGlob(tokens(pattern))(text, stepsFor(0))
}

function tokens(pattern: string): LiteralPattern {
  const read = resolvePattern(readPattern(pattern, true) ?? [], contextOf([]))
  if (read === undefined) throw new Error('the pattern needs a request')
  return read
}

test('Every pattern matches what a table of prefixes says it matches', () => {
  const unit = fc.constantFrom('a', 'b', 'ab', '*', '?', '.')
  const text = fc.array(fc.constantFrom('a', 'b', '.')).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(unit), text, (parts, subject) => {
      const pattern = parts.join('')
      const expected = naiveLike(naiveTokens(pattern, false, new Map()) ?? [], subject)
      expect(matches(pattern, subject)).toBe(expected)
    }),
    { numRuns: 3000 },
  )
})

test('A text matches itself, and itself with anything before, after or between under stars', () => {
  const word = fc.string().filter((text) => !/[*?$]/.test(text))
  fc.assert(
    fc.property(word, word, word, (before, middle, after) => {
      expect(matches(middle, middle)).toBe(true)
      expect(matches(`*${middle}*`, before + middle + after)).toBe(true)
      expect(matches(`${before}*${after}`, before + middle + after)).toBe(true)
      expect(matches(`${middle}x`, middle)).toBe(false)
    }),
  )
})

test('Head and tail of a pattern do not overlap in a short text', () => {
  expect(matches('ab*ba', 'aba')).toBe(false)
  expect(matches('ab*ba', 'abba')).toBe(true)
})

test('Characters that mean something in regular expressions mean themselves', () => {
  expect(matches('a.c', 'abc')).toBe(false)
  expect(matches('(a|b)+[c]^$\\', '(a|b)+[c]^$\\')).toBe(true)
})

test('A question mark is one UTF-16 unit, so that an emoji needs two', () => {
  expect(matches('?', '😀')).toBe(false)
  expect(matches('??', '😀')).toBe(true)
})

test('An escaped star, question mark or dollar is itself', () => {
  expect(matches(`a${variable('*')}`, 'a*')).toBe(true)
  expect(matches(`a${variable('*')}`, 'ab')).toBe(false)
  expect(matches(variable('?'), 'x')).toBe(false)
  expect(matches(`${variable('$')}{x}`, variable('x'))).toBe(true)
})

test('A pattern made to backtrack costs no more than a few times its text', () => {
  const glob = compileGlob(tokens('*a'.repeat(200)))
  const steps = stepsFor(0)
  const before = steps.left
  expect(glob(`${'a'.repeat(5000)}b`, steps)).toBe(false)
  expect(before - steps.left).toBeLessThan(20_000)
})

test('A pattern that must be tried at every place runs out of steps rather than of time', () => {
  const glob = compileGlob(tokens(`*${'a'.repeat(300)}?b*`))
  expect(() => glob('a'.repeat(50_000), stepsFor(0))).toThrow(StepsExceededError)
})
