import { expect, test } from 'vitest'
import { policySize } from './policy-kinds.ts'
import { ALLOW, parse, policy, refusal, TO_ALL } from './testing/refusal.ts'

test('One statement, one action and one resource read as lists of one', () => {
  const single = parse({ Version: '2012-10-17', Id: 'x', Statement: ALLOW })
  const listed = parse({
    Version: '2012-10-17',
    Id: 'x',
    Statement: [{ ...ALLOW, Action: ['kms:*'], Resource: ['*'] }],
  })
  expect({ ...single, length: 0 }).toEqual({ ...listed, length: 0 })
  expect(single).toMatchObject({ version: '2012-10-17', id: 'x' })
})

test('A policy without a version is of the version before variables', () => {
  expect(parse({ Statement: ALLOW }).version).toBe('2008-10-17')
})

test('Numbers and Booleans in conditions keep their text', () => {
  const [statement] = parse(
    policy({ ...ALLOW, Condition: { NumericEquals: { 'a:b': [7, 8.5] }, Bool: { 'a:c': true } } }),
  ).statements
  expect(statement?.conditions.map(({ values }) => values)).toEqual([['7', '8.5'], ['true']])
})

test('Operators are known in any case and spelled as AWS does', () => {
  const [statement] = parse(
    policy({ ...ALLOW, Condition: { 'foranyvalue:stringlikeIFEXISTS': { 'a:b': 'x' } } }),
  ).statements
  expect(statement?.conditions[0]?.operator).toEqual({
    quantifier: 'ForAnyValue',
    name: 'StringLike',
    ifExists: true,
  })
})

const condition = (Condition: unknown) => policy({ ...ALLOW, Condition })
const principal = (Principal: unknown) => policy({ ...ALLOW, Principal })

test('Every form of principal is accepted', () => {
  const names = [
    '*',
    '111122223333',
    'arn:aws:iam::111122223333:root',
    'arn:aws-cn:iam::111122223333:user/a/b',
    'arn:aws:iam::111122223333:role/r',
    'arn:aws:sts::111122223333:assumed-role/r/s',
    'arn:aws:sts::111122223333:federated-user/f',
    'AROAABCDEFGHIJKLMNOPQ',
    'AIDAABCDEFGHIJKLMNOPQ',
  ]
  const others = { Service: 'logs.eu-central-1.amazonaws.com', Federated: 'a', CanonicalUser: 'b' }
  expect(refusal(principal({ AWS: names, ...others }), 'resource')).toBeUndefined()
})

test('A key policy may have statements without Action or Resource, and any statement id', () => {
  const loose = { Sid: 'two words', Effect: 'Deny', Principal: '*' }
  expect(refusal(policy(loose, loose), 'key')).toBeUndefined()
  expect(refusal(policy(loose), 'resource')?.reason).toBe('missing-element')
})

test('A session policy may hold malformed values, which then match nothing', () => {
  const document = condition({ NumericEquals: { 'a:b': 'x' }, ArnLike: { 'a:b': 'x' } })
  expect(refusal(document, 'session')).toBeUndefined()
  expect(refusal(document, 'boundary')?.reason).toBe('invalid-literal')
})

test('A condition key may stand behind the URL of an OpenID Connect issuer', () => {
  for (const key of [
    'token.actions.githubusercontent.com:sub',
    'oidc.example.org/id/Shop:aud',
    'localhost:8443:sub',
    '127.0.0.1:8443/realms/shop:sub',
  ]) {
    expect(refusal(condition({ StringEquals: { [key]: 'x' } }))).toBeUndefined()
  }
  for (const key of ['oidc.example.org/id/shop', 'oidc.example.org', ':sub', 'a b:c', 'sub:']) {
    const refused = refusal(condition({ StringEquals: { [key]: 'x' } }))
    expect([key, refused?.reason]).toEqual([key, 'invalid-condition-key'])
  }
})

test('An empty list of condition values is accepted', () => {
  expect(refusal(condition({ StringEquals: { 'a:b': [] } }))).toBeUndefined()
})

test('A key policy holds 32,768 bytes, and not one more', () => {
  const text = JSON.stringify(policy(TO_ALL))
  const filled = text + ' '.repeat(32_768 - text.length)
  expect(refusal(filled, 'key')).toBeUndefined()
  expect(refusal(`${filled} `, 'key')?.reason).toBe('too-large')
  expect(refusal(`${filled} `, 'identity')?.reason).toBe('forbidden-element')
})

test('Sizes are told in bytes and in characters without white space', () => {
  expect(policySize('{ "é":\n1 }')).toEqual({ bytes: 11, characters: 7 })
})
