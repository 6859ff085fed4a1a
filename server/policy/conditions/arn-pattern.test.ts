import { expect, test } from 'vitest'
import { holds } from '../testing/holds.ts'
import { variable } from '../testing/variable.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app/reader'

test('ArnEquals and ArnLike are one operator, and so are their negations', () => {
  for (const pattern of [ROLE, 'arn:aws:iam::*:role/app/*', 'arn:aws:iam::*:user/*']) {
    const like = holds('ArnLike', pattern, ROLE)
    expect(holds('ArnEquals', pattern, ROLE)).toBe(like)
    expect(holds('ArnNotLike', pattern, ROLE)).toBe(!like)
    expect(holds('ArnNotEquals', pattern, ROLE)).toBe(!like)
  }
})

test('A wildcard stays inside its segment', () => {
  expect(holds('ArnLike', 'arn:aws:*:111122223333:role/app/reader', ROLE)).toBe(false)
  expect(holds('ArnLike', 'arn:aws:i*::111122223333:role/*', ROLE)).toBe(true)
  expect(holds('ArnLike', 'arn:aws:sns:*:*:a*d', 'arn:aws:sns:eu:1:a:b:c/d')).toBe(true)
  expect(holds('ArnLike', 'arn:aws:sns:e*1:a:b', 'arn:aws:sns:eu:1:a:b')).toBe(false)
})

test('Case counts in every segment', () => {
  expect(holds('ArnEquals', ROLE.toUpperCase().replace('ARN', 'arn'), ROLE)).toBe(false)
})

test('A malformed ARN in the request satisfies neither operator, in Allow nor in Deny', () => {
  for (const given of ['', '*', 'arn:aws:iam', 'urn:aws:iam::1:role/x']) {
    for (const effect of ['Allow', 'Deny'] as const) {
      expect(holds('ArnLike', 'arn:*:*:*:*:*', given, effect)).toBe(false)
      expect(holds('ArnNotLike', 'arn:*:*:*:*:*', given, effect)).toBe(false)
      expect(holds('ArnNotLike', [], given, effect)).toBe(false)
    }
  }
})

test('A malformed ARN in the policy allows nothing and takes part in a Deny', () => {
  for (const operator of ['ArnLike', 'ArnNotLike']) {
    expect(holds(operator, 'role/app/*', ROLE)).toBe(false)
    expect(holds(operator, 'role/app/*', ROLE, 'Deny')).toBe(true)
    expect(holds(`ForAnyValue:${operator}`, 'role/app/*', ROLE, 'Deny')).toBe(true)
    expect(holds(`ForAllValues:${operator}`, 'role/app/*', ROLE)).toBe(false)
  }
  expect(holds('ArnLike', ['x', ROLE], ROLE)).toBe(true)
  expect(holds('ArnNotLike', ['x', ROLE], ROLE, 'Deny')).toBe(false)
})

test('A variable may be the whole ARN or a part of it', () => {
  const given = [
    ['test:key', ROLE],
    ['aws:PrincipalArn', ROLE],
    ['t:path', 'app'],
  ] as const
  expect(holds('ArnEquals', variable('aws:PrincipalArn'), given)).toBe(true)
  expect(holds('ArnEquals', `arn:aws:iam::*:role/${variable('t:path')}/*`, given)).toBe(true)
  expect(holds('ArnEquals', `arn:aws:iam::*:role/${variable('t:none')}/*`, given)).toBe(false)
})
