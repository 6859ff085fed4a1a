import { expect, test } from 'vitest'
import { contextOf, foldName, principalTags } from './context.ts'
import { principalKeys } from './principal.ts'
import { cast } from './testing/cast.ts'

test('Each kind of principal has the keys AWS gives it', () => {
  const keys = Object.fromEntries(
    Object.entries(cast).map(([name, principal]) => [
      name,
      Object.fromEntries(principalKeys(principal)),
    ]),
  )
  const no = { 'aws:PrincipalIsAWSService': 'false' }
  const account = { ...no, 'aws:PrincipalAccount': '111122223333' }
  expect(keys.rootUser).toEqual({
    ...account,
    'aws:PrincipalArn': 'arn:aws:iam::111122223333:root',
    'aws:PrincipalType': 'Account',
    'aws:userid': '111122223333',
  })
  expect(keys.user).toEqual({
    ...account,
    'aws:PrincipalArn': 'arn:aws:iam::111122223333:user/team/ursula',
    'aws:PrincipalType': 'User',
    'aws:userid': 'AIDAURSULA0000000001',
    'aws:username': 'ursula',
  })
  expect(keys.roleSession).toEqual({
    ...account,
    'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/app/reader',
    'aws:PrincipalType': 'AssumedRole',
    'aws:userid': 'AROAREADER0000000001:session-1',
  })
  expect(keys.federatedUser).toEqual({
    ...account,
    'aws:PrincipalArn': 'arn:aws:sts::111122223333:federated-user/frida',
    'aws:PrincipalType': 'FederatedUser',
    'aws:userid': '111122223333:frida',
  })
  expect(keys.cloudtrail).toEqual({
    'aws:PrincipalIsAWSService': 'true',
    'aws:PrincipalType': 'Service',
    'aws:PrincipalServiceName': 'cloudtrail.amazonaws.com',
    'aws:PrincipalServiceNamesList': ['cloudtrail.amazonaws.com'],
  })
  expect(keys.ec2Infrastructure).toMatchObject({ 'aws:PrincipalIsAWSService': 'true' })
  expect(Object.fromEntries(principalKeys({ kind: 'anonymous' }))).toEqual({
    ...no,
    'aws:PrincipalType': 'Anonymous',
    'aws:userid': 'anonymous',
  })
})

test('A context finds its keys in any case, and those below where it has none of its own', () => {
  const below = contextOf([
    ['aws:SourceIp', '10.0.0.1'],
    ['a:B', '1'],
  ])
  const context = contextOf([['A:b', '2']], below)
  expect(context.get(foldName('a:b'))?.values).toEqual(['2'])
  expect(context.get(foldName('AWS:SOURCEIP'))?.values).toEqual(['10.0.0.1'])
  expect(context.get(foldName('a:c'))).toBeUndefined()
  expect(context.length).toBe(below.length + 4)
})

test('A context is not changed by whoever handed its values in', () => {
  const values = ['a']
  const context = contextOf([['t:k', values]])
  values.push('b')
  expect(context.get('t:k')?.values).toEqual(['a'])
})

test('Two tags of a principal that differ only in case are ambiguous', () => {
  const context = contextOf(
    principalTags(
      [
        ['Team', 'a'],
        ['team', 'b'],
      ],
      [],
    ),
  )
  expect(context.get('aws:principaltag/team')?.ambiguous).toBe(true)
})
