import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedPolicyError } from './malformed-policy.ts'
import { parsePolicy } from './parser.ts'
import { printPolicy } from './policy-document.ts'
import { contextKeysNamed, isNamedByArn, mapPrincipals, principalsNamed } from './policy-names.ts'
import { policy } from './testing/arbitraries.ts'
import { variable } from './testing/variable.ts'

const USER = 'arn:aws:iam::111122223333:user/u'
const text = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'one',
      Effect: 'Allow',
      Principal: { AWS: [USER, '111122223333'] },
      Action: '*',
      Resource: '*',
    },
    {
      Effect: 'Deny',
      NotPrincipal: { AWS: USER, Service: 's3.amazonaws.com' },
      Action: 's3:*',
      Resource: `arn:aws:s3:::${variable('aws:username')}`,
      Condition: {
        StringLike: { 'aws:PrincipalTag/a': variable("t:x, 'y'") },
        Null: { 'AWS:username': 'true' },
      },
    },
  ],
})

test('A printed policy parses to the policy it was printed from', () => {
  fc.assert(
    fc.property(policy(true), (document) => {
      const parsed = parsePolicy(JSON.stringify(document), 'resource')
      const again = parsePolicy(printPolicy(parsed), 'resource')
      expect({ ...again, length: 0 }).toEqual({ ...parsed, length: 0 })
      expect(printPolicy(again)).toBe(printPolicy(parsed))
    }),
  )
})

test('The principals of a policy are told once each, with their type', () => {
  expect(principalsNamed(parsePolicy(text, 'resource'))).toEqual([
    { type: 'AWS', name: USER },
    { type: 'AWS', name: '111122223333' },
    { type: 'Service', name: 's3.amazonaws.com' },
  ])
})

test('Users and roles are what is stored by id, and accounts and sessions are not', () => {
  const named = (name: string) => isNamedByArn({ type: 'AWS', name })
  expect(named(USER)).toBe(true)
  expect(named('arn:aws:iam::111122223333:role/p/r')).toBe(true)
  expect(named('arn:aws:iam::111122223333:root')).toBe(false)
  expect(named('arn:aws:sts::111122223333:assumed-role/r/s')).toBe(false)
  expect(named('AIDAABCDEFGHIJKLMNOPQ')).toBe(false)
})

test('Renaming principals touches their names and nothing else', () => {
  const document = parsePolicy(text, 'resource')
  const stored = mapPrincipals(document, ({ name }) =>
    name === USER ? 'AIDAUUUUUUUUUUUUUUUU' : name,
  )
  expect(printPolicy(stored)).toBe(printPolicy(document).replaceAll(USER, 'AIDAUUUUUUUUUUUUUUUU'))
})

test('A principal that does not exist makes the policy malformed at its place', () => {
  const rename = ({ name }: { name: string }) => (name.startsWith('s3') ? undefined : name)
  expect(() => mapPrincipals(parsePolicy(text, 'resource'), rename)).toThrow(
    expect.objectContaining({ reason: 'invalid-principal', path: 'Statement[1].NotPrincipal' }),
  )
  expect(() => mapPrincipals(parsePolicy(text, 'resource'), rename)).toThrow(MalformedPolicyError)
})

test('The context keys of conditions and variables are told once each, in any case', () => {
  const keys = contextKeysNamed(parsePolicy(text, 'resource'))
  expect(keys).toEqual(['aws:PrincipalTag/a', 't:x', 'AWS:username'])
})
