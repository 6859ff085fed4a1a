// Traps of policy evaluation 1 to 17, one test each: what statements and conditions really say.
// The others are in traps-of-requests.test.ts.
import { describe, expect, test } from 'vitest'
import { parsePolicy } from './parser.ts'
import { printPolicy } from './policy-document.ts'
import { mapPrincipals } from './policy-names.ts'
import {
  ACCOUNT_A,
  ALL_KMS,
  allow,
  cast,
  DELEGATION,
  deny,
  policy,
  ROLE,
  ROOT_A,
  SESSION,
  to,
  USER,
} from './testing/cast.ts'
import type { Document } from './testing/scene.ts'
import { variable } from './testing/variable.ts'
import { verdict } from './testing/verdict.ts'

const S3 = 's3.eu-central-1.amazonaws.com'
const object = (path: string) => `arn:aws:s3:::data/${path}`

describe('Traps', () => {
  test('1. StringNotEquals kms:ViaService in a Deny also hits direct calls', () => {
    const identity = [
      policy(
        allow('kms:*'),
        deny('*', { Condition: { StringNotEquals: { 'kms:ViaService': S3 } } }),
      ),
    ]
    expect(verdict({ identity })).toBe('explicit-deny')
    expect(verdict({ identity, context: { 'kms:ViaService': S3 } })).toBe('allow')
  })

  test('2. ForAllValues in an Allow with an absent key allows', () => {
    const identity = [
      policy(
        allow('kms:*', { Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } } }),
      ),
    ]
    expect(verdict({ identity })).toBe('allow')
    expect(verdict({ identity, context: { 'aws:TagKeys': ['b'] } })).toBe('implicit-deny')
  })

  test('3. Bool aws:MultiFactorAuthPresent false misses long-term keys, and BoolIfExists does not', () => {
    const denying = (operator: string) => [
      policy(
        allow('kms:*'),
        deny('*', { Condition: { [operator]: { 'aws:MultiFactorAuthPresent': 'false' } } }),
      ),
    ]
    expect(verdict({ identity: denying('Bool') })).toBe('allow')
    expect(verdict({ identity: denying('BoolIfExists') })).toBe('explicit-deny')
    const context = { 'aws:MultiFactorAuthPresent': 'true' }
    expect(verdict({ identity: denying('BoolIfExists'), context })).toBe('allow')
  })

  test('4. aws:PrincipalArn of a session is its role with the path, so that session patterns never match', () => {
    const only = (pattern: string) =>
      policy(
        allow('kms:*', { ...to('*'), Condition: { ArnLike: { 'aws:PrincipalArn': pattern } } }),
      )
    const principal = cast.roleSession
    expect(verdict({ principal, policy: only(ROLE) })).toBe('allow')
    expect(verdict({ principal, policy: only(SESSION) })).toBe('implicit-deny')
    expect(verdict({ principal, policy: only(`arn:aws:iam::${ACCOUNT_A}:role/reader`) })).toBe(
      'implicit-deny',
    )
  })

  test('5. NotPrincipal with Deny locks out the sessions of the role it means to spare', () => {
    const sparing = (...names: string[]) =>
      policy(allow('kms:*', to(ROOT_A)), {
        Effect: 'Deny',
        NotPrincipal: { AWS: names },
        Action: '*',
        Resource: '*',
      })
    const principal = cast.roleSession
    const identity = [ALL_KMS]
    expect(verdict({ principal, identity, policy: sparing(ROLE) })).toBe('explicit-deny')
    expect(verdict({ principal, identity, policy: sparing(ROLE, SESSION) })).toBe('explicit-deny')
    expect(verdict({ principal, identity, policy: sparing(ROLE, ROOT_A) })).toBe('explicit-deny')
    expect(verdict({ principal, identity, policy: sparing(ROLE, SESSION, ROOT_A) })).toBe('allow')
    expect(verdict({ identity, policy: sparing(USER) })).toBe('explicit-deny')
    expect(verdict({ identity, policy: sparing(USER, ACCOUNT_A) })).toBe('allow')
  })

  test('6. NotAction with Allow grants every action a service will ever get', () => {
    const identity = [policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })]
    expect(verdict({ identity, action: 'kms:ActionOfTomorrow' })).toBe('allow')
    expect(verdict({ identity, action: 'IAM:ActionOfTomorrow', authority: 'identity' })).toBe(
      'implicit-deny',
    )
  })

  test('7. Without a version a policy variable is literal text', () => {
    const statement = allow('s3:GetObject', { Resource: object(`${variable('aws:username')}/*`) })
    const ask = { authority: 'either', action: 's3:GetObject', policy: null } as const
    const own = { ...ask, resource: object('ursula/x') }
    expect(verdict({ ...own, identity: [{ Statement: statement }] })).toBe('implicit-deny')
    expect(verdict({ ...own, identity: [policy(statement)] })).toBe('allow')
    const literal = { ...ask, resource: object(`${variable('aws:username')}/x`) }
    expect(verdict({ ...literal, identity: [{ Statement: statement }] })).toBe('allow')
  })

  test('8. A recreated principal of the same name has lost what a stored policy gave the old one', () => {
    const written = parsePolicy(JSON.stringify(policy(allow('kms:*', to(ROLE)))), 'key')
    const stored = mapPrincipals(written, ({ name }) =>
      name === ROLE ? 'AROAREADER0000000001' : undefined,
    )
    const text = JSON.parse(printPolicy(stored)) as Document
    expect(verdict({ principal: cast.roleSession, policy: text })).toBe('allow')
    expect(verdict({ principal: cast.recreatedRoleSession, policy: text })).toBe('implicit-deny')
  })

  test('9. Once the root statement is gone, no administrator of IAM reaches the key', () => {
    const ofOne = policy(allow('kms:*', to(USER)))
    for (const action of ['kms:Decrypt', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']) {
      const admin = { principal: cast.admin, identity: [policy(allow('*'))], action }
      expect(verdict({ ...admin, policy: ofOne })).toBe('implicit-deny')
      expect(verdict({ principal: cast.rootUser, policy: ofOne, action })).toBe('implicit-deny')
      expect(verdict({ ...admin, policy: DELEGATION })).toBe('allow')
    }
  })

  test('10. A key policy that names the root is not for the root user only', () => {
    expect(verdict({ principal: cast.rootUser })).toBe('allow')
    expect(verdict({ identity: [ALL_KMS] })).toBe('allow')
    expect(verdict({ principal: cast.roleSession, identity: [ALL_KMS] })).toBe('allow')
    expect(verdict({})).toBe('implicit-deny')
  })

  const everyoneElse = (...spared: object[]) =>
    policy(
      allow('kms:*', to(ROOT_A)),
      deny('kms:*', {
        ...to('*'),
        Condition: Object.assign(
          { ArnNotEquals: { 'aws:PrincipalArn': [ROOT_A, ROLE] } },
          ...spared,
        ),
      }),
    )

  test('11. DenyEveryoneElse without its escapes breaks attached volumes', () => {
    const grants = [{ id: 'g', issuer: ACCOUNT_A, grantee: 'role' as const }]
    const volume = { principal: cast.ec2Infrastructure, grants }
    const spared = { Bool: { 'aws:PrincipalIsAWSService': 'false' } }
    expect(verdict({ ...volume, policy: everyoneElse() })).toBe('explicit-deny')
    expect(verdict({ ...volume, policy: everyoneElse(spared) })).toBe('allow')
  })

  test('12. kms:GrantIsForAWSResource must be false rather than absent, or DenyEveryoneElse has no teeth', () => {
    const escapes = {
      Bool: { 'aws:PrincipalIsAWSService': 'false', 'kms:GrantIsForAWSResource': 'false' },
    }
    const admin = { principal: cast.admin, identity: [ALL_KMS], policy: everyoneElse(escapes) }
    expect(verdict({ ...admin, context: { 'kms:GrantIsForAWSResource': 'false' } })).toBe(
      'explicit-deny',
    )
    expect(verdict(admin)).toBe('allow')
  })

  test('13. A condition on the encryption context makes DescribeKey fail', () => {
    const identity = [
      policy(allow('kms:*', { Condition: { StringEquals: { 'kms:EncryptionContext:a': 'b' } } })),
    ]
    expect(verdict({ identity, context: { 'kms:EncryptionContext:a': 'b' } })).toBe('allow')
    expect(verdict({ identity, action: 'kms:DescribeKey' })).toBe('implicit-deny')
  })

  test('14. A multivalued key with a plain operator never matches, not even negated', () => {
    for (const operator of ['StringEquals', 'StringNotEquals']) {
      const identity = [
        policy(
          allow('kms:*', {
            Condition: { [operator]: { 'kms:GrantOperations': ['Decrypt', 'Encrypt'] } },
          }),
        ),
      ]
      expect(
        verdict({ identity, context: { 'kms:GrantOperations': ['Decrypt', 'Encrypt'] } }),
      ).toBe('implicit-deny')
      expect(verdict({ identity, context: { 'kms:GrantOperations': ['Verify', 'Sign'] } })).toBe(
        'implicit-deny',
      )
    }
  })

  test('15. With bucket keys the context is the bucket, and policies on object ARNs stop matching', () => {
    const identity = [
      policy(
        allow('kms:*', {
          Condition: { StringLike: { 'kms:EncryptionContext:aws:s3:arn': object('*') } },
        }),
      ),
    ]
    expect(
      verdict({ identity, context: { 'kms:EncryptionContext:aws:s3:arn': object('1.txt') } }),
    ).toBe('allow')
    expect(
      verdict({ identity, context: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::data' } }),
    ).toBe('implicit-deny')
  })

  test('16. A permission on a parameter path is not cut by denies below it', () => {
    const parameter = (name: string) => `arn:aws:ssm:eu-central-1:${ACCOUNT_A}:parameter/${name}`
    const identity = [policy(allow('ssm:*'), deny('ssm:*', { Resource: parameter('a/b') }))]
    const ask = { identity, authority: 'identity', policy: null } as const
    expect(verdict({ ...ask, action: 'ssm:GetParametersByPath', resource: parameter('a') })).toBe(
      'allow',
    )
    expect(verdict({ ...ask, action: 'ssm:GetParameter', resource: parameter('a/b') })).toBe(
      'explicit-deny',
    )
  })

  test("17. A secret's ARN has a suffix, which a policy must leave open", () => {
    const secret = (suffix: string) =>
      `arn:aws:secretsmanager:eu-central-1:${ACCOUNT_A}:secret:db${suffix}`
    const ask = {
      authority: 'either',
      policy: null,
      action: 'secretsmanager:GetSecretValue',
      resource: secret('-a1b2c3'),
    } as const
    const on = (resource: string) => [policy(allow('secretsmanager:*', { Resource: resource }))]
    expect(verdict({ ...ask, identity: on(secret('')) })).toBe('implicit-deny')
    expect(verdict({ ...ask, identity: on(secret('-??????')) })).toBe('allow')
    expect(verdict({ ...ask, identity: on(secret('-?????')) })).toBe('implicit-deny')
  })
})
