// The rule of access beyond the corpus: every kind of principal and of grant, both outcomes.
import { describe, expect, test } from 'vitest'
import type { MatchedGrant } from './authorization-request.ts'
import type { Principal } from './principal.ts'
import {
  ACCOUNT_B,
  ALL_KMS,
  allow,
  cast,
  DELEGATION,
  deny,
  policy,
  ROLE,
  ROOT_A,
  ROOT_B,
  SESSION,
  to,
  USER,
} from './testing/cast.ts'
import { decide } from './testing/scene.ts'
import { outcome, scene, verdict } from './testing/verdict.ts'

const S3_ONLY = policy(allow('s3:*'))
const EVERYTHING = policy(allow('*'))
const NOBODY = policy(allow('kms:*', to('arn:aws:iam::111122223333:user/nobody')))
const OTHER = '999900001111'

describe('The root user', () => {
  const principal = cast.rootUser
  test('needs no policy in its own account, except for keys and roles', () => {
    for (const authority of ['identity', 'either', 'grant'] as const) {
      expect(outcome({ principal, authority, policy: null })).toBe('allow none')
    }
    expect(outcome({ principal, policy: null })).toBe('implicit-deny resource')
  })
  test('is denied by explicit denies of a resource policy', () => {
    const bucket = policy(deny('s3:*', to(ROOT_A)))
    expect(
      outcome({ principal, authority: 'either', action: 's3:GetObject', policy: bucket }),
    ).toBe('explicit-deny resource')
  })
  test('reaches another account only where the resource policy names its account or everyone', () => {
    const away = { principal, account: ACCOUNT_B, authority: 'either' } as const
    expect(outcome({ ...away, policy: null })).toBe('implicit-deny resource')
    expect(outcome({ ...away, policy: policy(allow('kms:*', to(ROOT_A))) })).toBe('allow resource')
    expect(outcome({ ...away, policy: policy(allow('kms:*', to('*'))) })).toBe('allow resource')
    expect(outcome({ ...away, policy: policy(allow('kms:*', to(ROOT_B))) })).toBe(
      'implicit-deny resource',
    )
  })
  test('uses a grant to its account', () => {
    const grants = [{ id: 'g', issuer: ACCOUNT_B, grantee: 'account' }] as const
    expect(outcome({ principal, account: ACCOUNT_B, policy: null, grants })).toBe('allow grant')
  })
})

describe('A service principal', () => {
  const principal = cast.cloudtrail
  const service = (name: string) => policy(allow('kms:*', { Principal: { Service: name } }))
  test('is allowed where the resource policy names it, and by nothing else', () => {
    expect(outcome({ principal, policy: service('cloudtrail.amazonaws.com') })).toBe(
      'allow resource',
    )
    expect(outcome({ principal, policy: service('s3.amazonaws.com') })).toBe(
      'implicit-deny resource',
    )
    expect(outcome({ principal, policy: DELEGATION, identity: [EVERYTHING] })).toBe(
      'implicit-deny resource',
    )
    expect(outcome({ principal, policy: policy(allow('kms:*', to('*'))) })).toBe('allow resource')
  })
  test('is known by its regional names as well', () => {
    const regional: Principal = {
      kind: 'service',
      name: 'logs.amazonaws.com',
      names: ['logs.eu-central-1.amazonaws.com'],
    }
    expect(
      outcome({ principal: regional, policy: service('logs.eu-central-1.amazonaws.com') }),
    ).toBe('allow resource')
    expect(outcome({ principal: regional, policy: service('logs.us-east-1.amazonaws.com') })).toBe(
      'implicit-deny resource',
    )
  })
  test('uses grants to services and no others', () => {
    const grant = (grantee: MatchedGrant['grantee']) => [
      { id: 'g', issuer: '111122223333', grantee },
    ]
    expect(outcome({ principal, grants: grant('service') })).toBe('allow grant')
    expect(outcome({ principal, grants: grant('role') })).toBe('implicit-deny resource')
    expect(
      outcome({
        principal: cast.user,
        identity: [ALL_KMS],
        policy: NOBODY,
        grants: grant('service'),
      }),
    ).toBe('implicit-deny resource')
  })
  test('named under AWS is not the service', () => {
    expect(
      outcome({
        principal,
        policy: policy(allow('kms:*', { Principal: { Federated: 'cloudtrail.amazonaws.com' } })),
      }),
    ).toBe('implicit-deny resource')
  })
})

describe('A stranger without a signature', () => {
  const principal: Principal = { kind: 'anonymous' }
  const open = policy(allow('s3:GetObject', to('*')))
  const ask = {
    principal,
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/k',
    policy: open,
  } as const
  test('is let in by a star where the resource may be public', () => {
    expect(outcome({ ...ask, authority: 'either' })).toBe('allow resource')
  })
  test('is kept out by Block Public Access, by any narrower principal and by keys', () => {
    expect(outcome({ ...ask, authority: 'either', publicAccessBlocked: true })).toBe(
      'implicit-deny resource',
    )
    expect(
      outcome({ ...ask, authority: 'either', policy: policy(allow('s3:*', to(ROOT_A))) }),
    ).toBe('implicit-deny resource')
    expect(outcome({ ...ask, authority: 'delegation' })).toBe('implicit-deny resource')
    expect(outcome({ ...ask, authority: 'identity', policy: null })).toBe('implicit-deny resource')
  })
  test('is told nothing', () => {
    expect(decide(scene({ ...ask, authority: 'either', policy: null })).decision.told).toEqual({
      kind: 'concealed',
    })
  })
})

describe('A web identity', () => {
  const principal: Principal = {
    kind: 'federated-identity',
    provider: 'arn:aws:iam::111122223333:oidc-provider/idp.example.com',
  }
  const trust = (Principal: unknown) => policy({ Effect: 'Allow', Action: 'sts:*', Principal })
  const ask = {
    principal,
    action: 'sts:AssumeRoleWithWebIdentity',
    resource: ROLE,
    policyKind: 'trust',
  } as const
  test('is trusted only where its provider is named', () => {
    expect(outcome({ ...ask, policy: trust({ Federated: principal.provider }) })).toBe(
      'allow resource',
    )
    expect(outcome({ ...ask, policy: trust({ Federated: 'accounts.google.com' }) })).toBe(
      'implicit-deny resource',
    )
    expect(outcome({ ...ask, policy: trust('*') })).toBe('implicit-deny resource')
  })
})

describe('A federated user', () => {
  const principal = cast.federatedUser
  const key = policy(allow('kms:*', to(USER)))
  test('has what names its user only within its session policy and boundary', () => {
    expect(outcome({ principal, policy: key })).toBe('implicit-deny session')
    expect(outcome({ principal, policy: key, session: [S3_ONLY] })).toBe('implicit-deny session')
    expect(outcome({ principal, policy: key, session: [ALL_KMS] })).toBe('allow resource')
    expect(outcome({ principal, policy: key, session: [ALL_KMS], boundary: S3_ONLY })).toBe(
      'implicit-deny boundary',
    )
  })
  test('is hit by a Deny that names its user', () => {
    const denied = policy(allow('kms:*', to('*')), deny('kms:*', to(USER)))
    expect(outcome({ principal, policy: denied, session: [ALL_KMS] })).toBe(
      'explicit-deny resource',
    )
  })
})

test('A canonical user in a resource policy stands for its account', () => {
  const canonicalUserId = 'c'.repeat(64)
  const principal = { ...cast.user, canonicalUserId } as Principal
  const bucket = policy(allow('s3:*', { Principal: { CanonicalUser: canonicalUserId } }))
  const ask = {
    principal,
    action: 's3:GetObject',
    authority: 'either',
    account: ACCOUNT_B,
    policy: bucket,
  } as const
  expect(verdict(ask)).toBe('implicit-deny')
  expect(verdict({ ...ask, identity: [EVERYTHING] })).toBe('allow')
  expect(
    verdict({
      ...ask,
      identity: [EVERYTHING],
      policy: policy(allow('s3:*', { Principal: { CanonicalUser: 'd' } })),
    }),
  ).toBe('implicit-deny')
})

describe('A Deny in a resource policy hits whichever way it names the caller', () => {
  for (const name of ['*', ROLE, SESSION, ROOT_A, '111122223333', 'AROAREADER0000000001']) {
    test(`as ${name}`, () => {
      const key = policy(allow('kms:*', to('*')), deny('kms:Decrypt', to(name)))
      expect(outcome({ principal: cast.roleSession, policy: key })).toBe('explicit-deny resource')
    })
  }
  test('and spares everybody else', () => {
    const key = policy(allow('kms:*', to('*')), deny('kms:Decrypt', to(ROOT_B, USER)))
    expect(outcome({ principal: cast.roleSession, policy: key })).toBe('allow resource')
  })
})

describe('Grants across accounts', () => {
  const grant = (issuer: string, grantee: MatchedGrant['grantee']) => [{ id: 'g', issuer, grantee }]
  test("to an account leave it to that account's identity policies", () => {
    for (const issuer of ['111122223333', ACCOUNT_B]) {
      const ask = { principal: cast.userOfB, grants: grant(issuer, 'account') }
      expect(outcome(ask)).toBe('implicit-deny identity')
      expect(outcome({ ...ask, identity: [ALL_KMS] })).toBe('allow identity')
    }
  })
  test("issued by a third account need the caller's identity policies", () => {
    for (const principal of [cast.user, cast.userOfB]) {
      const ask = { principal, policy: NOBODY, grants: grant(OTHER, 'user') }
      expect(outcome(ask)).toBe('implicit-deny identity')
      expect(outcome({ ...ask, identity: [ALL_KMS] })).toBe('allow identity')
    }
  })
  test('never outweigh an explicit deny', () => {
    const ask = { principal: cast.roleSessionOfB, grants: grant(ACCOUNT_B, 'session') }
    expect(outcome(ask)).toBe('allow grant')
    expect(outcome({ ...ask, boundary: policy(allow('*'), deny('kms:*')) })).toBe(
      'explicit-deny boundary',
    )
  })
})
