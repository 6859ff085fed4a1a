// What is remembered of decisions, and what never is.
import { describe, expect, it } from 'vitest'
import type { Call } from '../../contract/call.ts'
import type { Caller } from '../../contract/caller.ts'
import type { Demand } from '../../contract/demand.ts'
import { AccessDeniedException } from '../../contract/errors.ts'
import { NO_POLICIES } from '../../policy/authorization-request.ts'
import { type CompiledPolicy, compilePolicyText } from '../../policy/compiled-policy.ts'
import { contextOf } from '../../policy/context.ts'
import { principalKeys } from '../../policy/principal.ts'
import { authorize } from './authorize.ts'

const ACCOUNT = '111122223333'
const USER = `arn:aws:iam::${ACCOUNT}:user/alice`
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

function caller(name = 'alice'): Caller {
  const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`
  const principal = { kind: 'user', account: ACCOUNT, arn, id: `AIDA${name}`, name } as const
  return {
    type: 'IAMUser',
    account: ACCOUNT,
    arn,
    principalId: principal.id,
    accessKeyId: 'AKIAEXAMPLE',
    userName: name,
    session: undefined,
    principal,
    policies: NO_POLICIES,
    context: contextOf(principalKeys(principal)),
  }
}

function keyPolicy(statement: object): CompiledPolicy {
  const allow = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' }
  const Statement = [{ ...allow, Principal: { AWS: '*' }, ...statement }]
  return compilePolicyText(JSON.stringify({ Version: '2012-10-17', Statement }), 'key', KEY)
}

let asked = 0
const demand = (policy: CompiledPolicy, more: Partial<Demand> = {}): Demand =>
  ({
    action: 'kms:Decrypt',
    resource: KEY,
    owner: ACCOUNT,
    conditions: () => {
      asked++
      return [['kms:EncryptionContext:tenant', tenant]]
    },
    denial: undefined,
    authority: 'delegation',
    policy,
    grants: [],
    ...more,
  }) as Demand
let tenant = 'a'
let ipAddress = '10.0.0.1'

function allows(who: Caller, what: Demand): boolean {
  const origin = { ipAddress, userAgent: '', host: '', tls: undefined }
  try {
    authorize([what], {
      account: ACCOUNT,
      region: 'us-east-1',
      caller: who,
      origin,
      nowMs: 0,
      via: [] as readonly string[],
    } as Call)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(AccessDeniedException)
    return false
  }
}

describe('Authorization', () => {
  it('never looks at the request where policies ask for the caller alone', () => {
    asked = 0
    const policy = keyPolicy({ Condition: { ArnEquals: { 'aws:PrincipalArn': USER } } })
    const alice = caller()
    for (let times = 0; times < 3; times++) expect(allows(alice, demand(policy))).toBe(true)
    expect(asked).toBe(0)
    // Others are decided for themselves, under the same policy.
    for (let times = 0; times < 3; times++)
      expect(allows(caller('bob'), demand(policy))).toBe(false)
  })

  it('looks at every request anew where a policy asks for it', () => {
    const byContext = keyPolicy({
      Condition: { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
    })
    const byAddress = keyPolicy({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })
    const alice = caller()
    for (const [given, address, expected] of [
      ['a', '10.0.0.1', [true, true]],
      ['b', '10.0.0.1', [false, true]],
      ['a', '192.0.2.1', [true, false]],
      ['a', '10.0.0.1', [true, true]],
    ] as const) {
      tenant = given
      ipAddress = address
      expect([allows(alice, demand(byContext)), allows(alice, demand(byAddress))]).toEqual(expected)
    }
  })

  it('looks at every request anew where the request lacks a key that a policy asks for', () => {
    const policy = keyPolicy({ Condition: { Null: { 'kms:EncryptionContext:other': 'true' } } })
    const alice = caller()
    asked = 0
    for (let times = 0; times < 3; times++) expect(allows(alice, demand(policy))).toBe(true)
    expect(asked).toBe(3)
  })

  it('remembers for one policy, action and resource, and for the caller as it was', () => {
    const policy = keyPolicy({})
    const alice = caller()
    expect(allows(alice, demand(policy))).toBe(true)
    expect(allows(alice, demand(policy, { action: 'kms:Encrypt' }))).toBe(false)
    const denying = keyPolicy({ Effect: 'Deny' })
    expect(allows(alice, demand(denying))).toBe(false)
    // Changed policies come with another caller: what was known of the one counts for nothing.
    const deny =
      '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    const identity = [compilePolicyText(deny, 'identity', 'deny')]
    const barred = { ...alice, policies: { ...NO_POLICIES, identity } }
    expect(allows(barred, demand(policy))).toBe(false)
    expect(allows(alice, demand(policy))).toBe(true)
  })

  it.each<[string, object]>([
    ['a negation', { StringNotEquals: { 'aws:SourceIp': '192.0.2.1' } }],
    ['a key that may be absent', { StringEqualsIfExists: { 'aws:SourceIp': '10.0.0.1' } }],
    ['all values', { 'ForAllValues:StringEquals': { 'aws:SourceIp': '10.0.0.1' } }],
    [
      'a variable that the request fills',
      { StringEquals: { 'aws:PrincipalArn': `\${aws:SourceIp, '${USER}'}` } },
    ],
  ])('remembers nothing that hung on the request, by %s', (_, Condition) => {
    const policy = keyPolicy({ Condition })
    const alice = caller()
    const at = (address: string) => {
      ipAddress = address
      return allows(alice, demand(policy))
    }
    const answers = [at('10.0.0.1'), at('192.0.2.1'), at('10.0.0.1')]
    expect(answers[2]).toBe(answers[0])
    // A variable is never the ARN; all others tell the two addresses apart.
    expect(answers[1]).toBe(false)
  })

  it('remembers nothing where a deny asks for the request and does not hit at first', () => {
    const deny = keyPolicy({})
    const Statement = [
      { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: '*',
        Resource: '*',
        Condition: {
          ArnLike: { 'aws:PrincipalArn': USER },
          IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
        },
      },
    ]
    const policy = compilePolicyText(
      JSON.stringify({ Version: '2012-10-17', Statement }),
      'key',
      KEY,
    )
    const alice = caller()
    for (const [address, isAllowed] of [
      ['10.0.0.1', true],
      ['192.0.2.1', false],
      ['10.0.0.1', true],
    ] as const) {
      ipAddress = address
      expect([address, allows(alice, demand(policy))]).toEqual([address, isAllowed])
    }
    // Under another policy of the same key what was allowed by this one counts for nothing.
    expect(allows(alice, demand(deny, { action: 'kms:Encrypt' }))).toBe(false)
  })

  it('remembers for each session apart, although both are of one role', () => {
    const arn = (session: string) => `arn:aws:sts::${ACCOUNT}:assumed-role/app/${session}`
    const session = (sessionName: string, ...documents: string[]): Caller => {
      const principal = {
        kind: 'role-session',
        account: ACCOUNT,
        arn: arn(sessionName),
        roleArn: `arn:aws:iam::${ACCOUNT}:role/app`,
        roleId: 'AROAEXAMPLE000000001',
        sessionName,
        role: 'customer',
      } as const
      const cut = documents.map((text) => compilePolicyText(text, 'session', 'cut'))
      return {
        ...caller(),
        type: 'AssumedRole',
        arn: principal.arn,
        principal,
        policies: { ...NO_POLICIES, session: documents.length === 0 ? undefined : cut },
        context: contextOf(principalKeys(principal)),
      }
    }
    const toRole = keyPolicy({ Principal: { AWS: 'AROAEXAMPLE000000001' } })
    const s3Only =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
    const [free, limited] = [session('one'), session('one', s3Only)]
    for (let times = 0; times < 2; times++) {
      expect([allows(free, demand(toRole)), allows(limited, demand(toRole))]).toEqual([true, false])
    }
    const toOne = keyPolicy({ Principal: { AWS: arn('one') } })
    for (let times = 0; times < 2; times++) {
      expect([allows(free, demand(toOne)), allows(session('two'), demand(toOne))]).toEqual([
        true,
        false,
      ])
    }
  })

  it('remembers nothing that a grant allowed', () => {
    const nobody = keyPolicy({ Principal: { AWS: '999999999999' } })
    const grants = [{ id: 'g', issuer: ACCOUNT, grantee: 'user' }] as const
    const alice = caller()
    expect(allows(alice, demand(nobody, { grants } as never))).toBe(true)
    expect(allows(alice, demand(nobody))).toBe(false)
  })

  it('denies a call that demands nothing', () => {
    expect(() => authorize([], { caller: caller() } as Call)).toThrow(AccessDeniedException)
  })
})
