// Traps of policy evaluation 18 to 34, one test each: accounts, names, sizes, time and caches.
// The others are in traps-of-statements.test.ts.
import { describe, expect, test, vi } from 'vitest'
import { authorize } from './authorize.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import { compilePolicyText } from './compiled-policy.ts'
import { contextOf, principalTags } from './context.ts'
import { denialMessage } from './decision.ts'
import { parsePolicy } from './parser.ts'
import { policyCache } from './policy-cache.ts'
import { policySize } from './policy-kinds.ts'
import {
  ACCOUNT_A,
  ALL_KMS,
  allow,
  cast,
  DELEGATION,
  deny,
  KEY,
  policy,
  ROLE,
  ROOT_A,
  ROOT_B,
  to,
  USER,
} from './testing/cast.ts'
import type { Document, SceneDemand } from './testing/scene.ts'
import { decide, requestOf } from './testing/scene.ts'
import type { Over } from './testing/verdict.ts'
import { scene, verdict } from './testing/verdict.ts'

const object = (path: string) => `arn:aws:s3:::data/${path}`

describe('Traps', () => {
  test('18. Moving an alias moves the authority of policies on aliases', () => {
    const identity = [
      policy(
        allow('kms:*', {
          Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/pay' } },
        }),
      ),
    ]
    expect(verdict({ identity, context: { 'kms:ResourceAliases': ['alias/pay'] } })).toBe('allow')
    expect(verdict({ identity, context: { 'kms:ResourceAliases': ['alias/other'] } })).toBe(
      'implicit-deny',
    )
  })

  test("19. kms:CallerAccount in a service's own key means any principal of the account, also a bounded one", () => {
    const awsManaged = policy(
      allow('kms:*', {
        ...to('*'),
        Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT_A } },
      }),
    )
    const context = { 'kms:CallerAccount': ACCOUNT_A }
    const bounded = { policy: awsManaged, context, boundary: policy(allow('s3:*')) }
    expect(verdict(bounded)).toBe('allow')
    expect(
      verdict({ ...bounded, principal: cast.roleSession, session: [policy(allow('s3:*'))] }),
    ).toBe('allow')
    expect(verdict({ ...bounded, context: { 'kms:CallerAccount': '444455556666' } })).toBe(
      'implicit-deny',
    )
  })

  test('20. Across accounts neither the key policy nor the identity policy is enough alone', () => {
    const principal = cast.userOfB
    const open = policy(allow('kms:*', to(ROOT_B, 'arn:aws:iam::444455556666:user/bert', '*')))
    expect(verdict({ principal, policy: open })).toBe('implicit-deny')
    expect(verdict({ principal, identity: [ALL_KMS] })).toBe('implicit-deny')
    expect(verdict({ principal, identity: [ALL_KMS], policy: open })).toBe('allow')
  })

  test("21. The lockout check asks the new key policy, with the caller's identity policies", () => {
    const ask = { action: 'kms:PutKeyPolicy', identity: [ALL_KMS] }
    expect(verdict({ ...ask, policy: policy(allow('kms:*', to(ROLE))) })).toBe('implicit-deny')
    expect(verdict({ ...ask, policy: DELEGATION })).toBe('allow')
    expect(verdict({ ...ask, identity: [], policy: DELEGATION })).toBe('implicit-deny')
  })

  test('22. Actions and key names know no case, resources and values do', () => {
    const identity = (more: object) => [policy(allow('KMS:dEcRyPt', more))]
    const condition = { Condition: { StringEquals: { 'KMS:viaservice': 'S3' } } }
    expect(verdict({ identity: identity(condition), context: { 'kms:ViaService': 'S3' } })).toBe(
      'allow',
    )
    expect(verdict({ identity: identity(condition), context: { 'kms:ViaService': 's3' } })).toBe(
      'implicit-deny',
    )
    expect(verdict({ identity: identity({ Resource: KEY }) })).toBe('allow')
    expect(verdict({ identity: identity({ Resource: KEY.replace('key/', 'Key/') }) })).toBe(
      'implicit-deny',
    )
  })

  test('23. A star in a resource matches slashes and colons, but never leaves its part of the ARN', () => {
    const identity = (resource: string) => [policy(allow('s3:*', { Resource: resource }))]
    const ask = { authority: 'either', policy: null, action: 's3:GetObject' } as const
    const resource = 'arn:aws:s3:::data/a/b:c/d'
    expect(verdict({ ...ask, resource, identity: identity('arn:aws:s3:::data/*d') })).toBe('allow')
    expect(verdict({ ...ask, resource, identity: identity('arn:aws:s3:*:*:data/?/b?c/?') })).toBe(
      'allow',
    )
    expect(verdict({ ...ask, resource, identity: identity('arn:aws:s3:*:data/*:*') })).toBe(
      'implicit-deny',
    )
  })

  test('24. KMS counts the bytes of a policy, IAM its characters without white space', () => {
    const text = JSON.stringify(policy(allow('kms:*', to(ROOT_A))), undefined, 4)
    const { bytes, characters } = policySize(text)
    expect(bytes).toBe(Buffer.byteLength(text))
    expect(characters).toBe(JSON.stringify(JSON.parse(text)).length)
    expect(() => parsePolicy(text + ' '.repeat(32_769), 'key')).toThrow('longer than 32768 bytes')
  })

  test("25. A group's policies count for its users and not for the sessions of a role they assume", () => {
    const group = policy(allow('kms:*'))
    const own = policy(allow('s3:*'))
    expect(verdict({ identity: [own, group] })).toBe('allow')
    expect(verdict({ principal: cast.roleSession, identity: [own] })).toBe('implicit-deny')
  })

  test('26. Session tags override the tags of the role, in any case of their names', () => {
    const tags = contextOf(
      principalTags(
        [
          ['Team', 'blue'],
          ['cost', '1'],
        ],
        [['team', 'red']],
      ),
    )
    expect(tags.get('aws:principaltag/team')).toMatchObject({ values: ['red'], ambiguous: false })
    expect(tags.get('aws:principaltag/cost')?.values).toEqual(['1'])
  })

  test('27. A name given twice is refused, and __proto__ is a name like any other', () => {
    const twice = '{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}'
    expect(() => parsePolicy(twice, 'identity')).toThrow('given twice')
    const proto = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"},"__proto__":{}}'
    expect(() => parsePolicy(proto, 'identity')).toThrow('no such element')
    const identity = [
      policy(
        allow('kms:*', { Condition: { StringEquals: { 'kms:EncryptionContext:__proto__': 'x' } } }),
      ),
    ]
    expect(verdict({ identity })).toBe('implicit-deny')
    const context = JSON.parse('{"kms:EncryptionContext:__proto__":"x"}') as Record<string, string>
    expect(verdict({ identity, context })).toBe('allow')
    expect(contextOf([['__proto__', 'x']]).get('constructor')).toBeUndefined()
  })

  test('28. A pattern made to blow up regular expressions costs next to nothing', () => {
    const resource = `arn:aws:s3:::${'a'.repeat(1000)}!`
    const identity = [policy(allow('s3:*', { Resource: `arn:aws:s3:::${'*a'.repeat(500)}b` }))]
    const begun = performance.now()
    const ask = { authority: 'either', policy: null, action: 's3:GetObject', resource } as const
    expect(verdict({ ...ask, identity })).toBe('implicit-deny')
    expect(performance.now() - begun).toBeLessThan(1000)
  })

  test('29. Nothing is normalised: one letter in two spellings is two values and two names', () => {
    const [composed, decomposed] = ['\u00e9', 'e\u0301']
    const on = (key: string, value: string) => [
      policy(
        allow('kms:*', {
          Condition: { StringEquals: { [`kms:EncryptionContext:${key}`]: value } },
        }),
      ),
    ]
    expect(
      verdict({ identity: on('a', composed), context: { 'kms:EncryptionContext:a': composed } }),
    ).toBe('allow')
    expect(
      verdict({ identity: on('a', composed), context: { 'kms:EncryptionContext:a': decomposed } }),
    ).toBe('implicit-deny')
    expect(
      verdict({
        identity: on(composed, 'x'),
        context: { [`kms:EncryptionContext:${decomposed}`]: 'x' },
      }),
    ).toBe('implicit-deny')
    expect(
      verdict({ identity: on('k', 'x'), context: { 'kms:EncryptionContext:\u212a': 'x' } }),
    ).toBe('implicit-deny')
  })

  test("30. The engine reads no clock: all conditions see the request's one now", () => {
    const now = vi.spyOn(Date, 'now').mockImplementation(() => {
      throw new Error('a clock was read')
    })
    const before = {
      DateLessThan: { 'aws:CurrentTime': '2020-01-01' },
      NumericLessThan: { 'aws:EpochTime': '1577836800' },
    }
    const identity = [policy(allow('kms:*', { Condition: before }))]
    const at = (time: string, epoch: string) => ({
      'aws:CurrentTime': time,
      'aws:EpochTime': epoch,
    })
    expect(verdict({ identity, context: at('2019-12-31T23:59:59Z', '1577836799') })).toBe('allow')
    expect(verdict({ identity, context: at('2020-01-01T00:00:00Z', '1577836800') })).toBe(
      'implicit-deny',
    )
    expect(now).not.toHaveBeenCalled()
    now.mockRestore()
  })

  test('31. A stranger reads the same words whether the key is missing, silent or denies', () => {
    const words = (over: Over) => {
      const asked = scene({ principal: cast.userOfB, ...over })
      const { demand, decision } = decide(asked)
      expect(decision.allowed).toBe(false)
      return denialMessage(decision, { caller: 'arn:aws:iam::444455556666:user/bert', ...demand })
    }
    const keys = [null, DELEGATION, policy(allow('kms:*', to(ROOT_B)), deny('*', to('*')))]
    for (const identity of [[ALL_KMS], []]) {
      const told = new Set(keys.map((key) => words({ identity, policy: key })))
      expect(told.size).toBe(1)
    }
    expect(words({ identity: [ALL_KMS], policy: null })).toContain('does not exist in this Region')
    expect(words({ identity: [], policy: null })).toContain('no identity-based policy allows')
  })

  test('32. A new version of a policy counts at once: compiled policies are cached, decisions are not', () => {
    const cache = policyCache(10)
    const compile = (document: Document): CompiledPolicy =>
      compilePolicyText(JSON.stringify(document), 'key', 'key')
    const { policies, principal, demand } = requestOf(
      scene({ policy: null }),
      scene({}).demands[0] as SceneDemand,
    )
    const ask = (version: number, document: Document) => {
      const policy = cache.get('key', version, () => compile(document))
      return authorize({
        principal,
        policies,
        demand: { ...demand, authority: 'delegation', policy, grants: [] },
      }).allowed
    }
    expect(ask(1, policy(allow('kms:*', to(USER))))).toBe(true)
    expect(ask(2, policy(allow('kms:*', to(ROLE))))).toBe(false)
  })

  test('33. Two sessions of one role are decided apart where their session policies differ', () => {
    const role = { principal: cast.roleSession, identity: [ALL_KMS] }
    expect(verdict(role)).toBe('allow')
    expect(verdict({ ...role, session: [policy(allow('sqs:*'))] })).toBe('implicit-deny')
    expect(verdict({ ...role, session: [policy(allow('kms:*'))] })).toBe('allow')
  })

  test('34. What was signed earlier is decided by the permissions of now', () => {
    const presigned = {
      action: 's3:GetObject',
      resource: object('1.txt'),
      authority: 'either',
      policy: null,
    } as const
    expect(verdict({ ...presigned, identity: [policy(allow('s3:*'))] })).toBe('allow')
    expect(verdict({ ...presigned, identity: [] })).toBe('implicit-deny')
  })
})
