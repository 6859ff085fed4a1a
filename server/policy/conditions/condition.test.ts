// Missing keys, quantifiers, IfExists, Null, multivalued and ambiguous keys, variables, Bool, Binary.
import { describe, expect, test } from 'vitest'
import { holds } from '../testing/holds.ts'
import { variable } from '../testing/variable.ts'
import { OPERATORS, operatorText, readOperator } from './operators.ts'

describe('An absent key', () => {
  for (const { name, negated } of OPERATORS) {
    const value = '10.0.0.1'
    test(`${negated ? 'satisfies' : 'fails'} ${name}`, () => {
      expect(holds(name, value, undefined)).toBe(negated)
      expect(holds(`${name}IfExists`, value, undefined)).toBe(true)
      expect(holds(`ForAllValues:${name}`, value, undefined)).toBe(true)
      expect(holds(`ForAnyValue:${name}`, value, undefined)).toBe(false)
      expect(holds(`ForAnyValue:${name}IfExists`, value, undefined)).toBe(true)
    })
  }
})

test('IfExists is the plain operator where the key is there', () => {
  expect(holds('StringEqualsIfExists', 'a', 'a')).toBe(true)
  expect(holds('StringEqualsIfExists', 'a', 'b')).toBe(false)
  expect(holds('StringNotEqualsIfExists', 'a', 'a')).toBe(false)
})

test('ForAllValues holds when every request value matches, and for an empty list', () => {
  expect(holds('ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'a'])).toBe(true)
  expect(holds('ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'])).toBe(false)
  expect(holds('ForAllValues:StringEquals', ['a', 'b'], [])).toBe(true)
  expect(holds('ForAllValues:StringEquals', [], ['a'])).toBe(false)
})

test('ForAnyValue holds when one request value matches, and not for an empty list', () => {
  expect(holds('ForAnyValue:StringEquals', ['a', 'b'], ['x', 'b'])).toBe(true)
  expect(holds('ForAnyValue:StringEquals', ['a', 'b'], ['x', 'y'])).toBe(false)
  expect(holds('ForAnyValue:StringEquals', ['a', 'b'], [])).toBe(false)
})

test('Quantified negations compare each request value with all policy values', () => {
  expect(holds('ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'])).toBe(true)
  expect(holds('ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'a'])).toBe(false)
  expect(holds('ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'c'])).toBe(true)
  expect(holds('ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'])).toBe(false)
})

test('A single-valued key works under both quantifiers', () => {
  expect(holds('ForAnyValue:StringEquals', ['a', 'b'], 'b')).toBe(true)
  expect(holds('ForAllValues:StringEquals', ['a', 'b'], 'c')).toBe(false)
})

test('A key of several values never satisfies a plain operator', () => {
  for (const operator of [
    'StringEquals',
    'StringNotEquals',
    'StringEqualsIfExists',
    'StringNotLike',
  ]) {
    expect(holds(operator, ['a', 'b'], ['a', 'b']), operator).toBe(false)
    expect(holds(operator, ['a', 'b'], ['a', 'b'], 'Deny'), operator).toBe(false)
  }
})

test('A multivalued key of one distinct value is that value', () => {
  expect(holds('StringEquals', 'a', ['a', 'a'])).toBe(true)
  expect(holds('StringNotEquals', 'a', ['a'])).toBe(false)
})

test('An empty list of policy values matches nothing', () => {
  expect(holds('StringEquals', [], 'a')).toBe(false)
  expect(holds('StringLike', [], '')).toBe(false)
  expect(holds('StringNotEquals', [], 'a')).toBe(true)
  expect(holds('ArnLike', [], 'arn:a:b:c:d:e')).toBe(false)
})

test('Null true asks for absence and Null false for presence', () => {
  expect(holds('Null', 'true', undefined)).toBe(true)
  expect(holds('Null', 'true', 'x')).toBe(false)
  expect(holds('Null', 'false', undefined)).toBe(false)
  expect(holds('Null', 'False', 'x')).toBe(true)
  expect(holds('Null', ['true', 'false'], 'x')).toBe(true)
  expect(holds('Null', [], undefined)).toBe(false)
})

test('An empty string is present, and an empty list is not', () => {
  expect(holds('Null', 'false', '')).toBe(true)
  expect(holds('Null', 'true', [])).toBe(true)
})

test('Two names that differ only in case allow nothing and do not dodge a Deny', () => {
  const given = [
    ['test:key', 'a'],
    ['Test:Key', 'b'],
  ] as const
  for (const operator of [
    'StringEquals',
    'StringNotEquals',
    'ForAnyValue:StringLike',
    'StringEqualsIfExists',
  ]) {
    expect(holds(operator, 'a', given), operator).toBe(false)
    expect(holds(operator, 'a', given, 'Deny'), operator).toBe(true)
  }
  expect(holds('Null', 'true', given, 'Deny')).toBe(false)
})

test('An unresolved variable matches nothing, which satisfies a negation', () => {
  expect(holds('StringEquals', variable('t:none'), variable('t:none'))).toBe(false)
  expect(holds('StringNotEquals', variable('t:none'), 'x')).toBe(true)
  expect(holds('StringNotEquals', [variable('t:none'), 'x'], 'x')).toBe(false)
  expect(holds('StringEquals', [variable('t:none'), 'x'], 'x')).toBe(true)
})

test('Bool knows true in any case, and everything else is false', () => {
  expect(holds('Bool', 'true', 'TRUE')).toBe(true)
  expect(holds('Bool', 'true', 'yes')).toBe(false)
  expect(holds('Bool', 'false', 'yes')).toBe(true)
  expect(holds('Bool', 'anything', 'false')).toBe(true)
  expect(
    holds('Bool', variable('t:b'), [
      ['test:key', 'true'],
      ['t:b', 'true'],
    ]),
  ).toBe(true)
})

test('BinaryEquals compares what base64 stands for, and malformed base64 matches nothing', () => {
  expect(holds('BinaryEquals', 'QmluYXJ5', 'QmluYXJ5')).toBe(true)
  expect(holds('BinaryEquals', 'QmluYXJ5', 'QmluYXJ6')).toBe(false)
  for (const text of ['YQ', 'YR==', 'Y Q==', 'YQ==\n', '_-8=']) {
    expect(holds('BinaryEquals', text, text), text).toBe(false)
  }
  expect(holds('BinaryEquals', '', '')).toBe(true)
})

test('Every operator is read back as it is spelled', () => {
  for (const { name } of OPERATORS) {
    for (const text of [name, `ForAllValues:${name}`, `ForAnyValue:${name}IfExists`]) {
      const use = readOperator(text.toUpperCase())
      expect(use && operatorText(use)).toBe(text)
    }
  }
  for (const text of [
    '',
    'IfExists',
    'ForAllValues:Null',
    'StringEqualsIfExistsIfExists',
    ':Bool',
  ]) {
    expect(readOperator(text), text).toBeUndefined()
  }
})

test('Numbers, dates, addresses and bytes hold no variables', () => {
  const given = [
    ['test:key', '7'],
    ['t:n', '7'],
  ] as const
  expect(holds('NumericEquals', variable('t:n'), given)).toBe(false)
  expect(holds('DateEquals', variable('t:n'), given)).toBe(false)
  expect(holds('StringEquals', variable('t:n'), given)).toBe(true)
})
