// What a decision tells: its trace, its explanation, and the words for a denied caller.
import { describe, expect, test } from 'vitest'
import { denialMessage } from './decision.ts'
import {
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
import { decide, explained } from './testing/scene.ts'
import type { Over } from './testing/verdict.ts'
import { outcome, scene } from './testing/verdict.ts'

const S3_ONLY = policy(allow('s3:*'))
const NOBODY = policy(allow('kms:*', to('arn:aws:iam::111122223333:user/nobody')))
const OTHER = '999900001111'

describe('A decision', () => {
  test('names the statement that decided', () => {
    const identity = [policy(allow('s3:*', { Sid: 'first' }), allow('kms:*', { Sid: 'second' }))]
    const { decision } = decide(scene({ identity }))
    expect(decision.statement).toEqual({ policy: 'a identity policy', index: 1, sid: 'second' })
  })
  test('traces every layer, and how the resource policy named the caller', () => {
    const { decision } = decide(
      scene({
        principal: cast.roleSession,
        boundary: S3_ONLY,
        policy: policy(allow('kms:*', to(ROLE, ROOT_A))),
      }),
    )
    expect(decision.trace.map(({ layer, outcome: word }) => `${layer} ${word}`)).toEqual([
      'identity silent',
      'boundary silent',
      'resource allows',
    ])
    expect(decision.trace.at(-1)?.kinds).toEqual(['ROLE', 'ACCOUNT'])
  })
  test('that needs too much work is a denial', () => {
    const patterns = Array.from({ length: 400 }, (_, index) => `*${'a'.repeat(40)}?b${index}*`)
    const identity = [
      policy(
        allow('kms:*', { Condition: { StringLike: { 'kms:EncryptionContext:a': patterns } } }),
      ),
    ]
    const costly = { policy: policy(allow('kms:*', to(USER))), identity }
    expect(outcome({ ...costly, context: { 'kms:EncryptionContext:a': 'a'.repeat(50_000) } })).toBe(
      'too-costly none',
    )
    expect(outcome({ ...costly, context: { 'kms:EncryptionContext:a': 'a'.repeat(50) } })).toBe(
      'allow resource',
    )
  })
})

describe('An explanation', () => {
  test('tells of each statement which part of it did not match', () => {
    const identity = [
      policy(
        allow('s3:*'),
        allow('kms:*', { Resource: 'arn:aws:s3:::b' }),
        allow('kms:*', {
          Condition: {
            StringEquals: { 'aws:PrincipalTag/a': 'secret-value' },
            Bool: { 'aws:SecureTransport': 'true' },
          },
        }),
      ),
    ]
    const [explanation] = explained(scene({ identity, context: { 'aws:SecureTransport': 'true' } }))
    const [, , last] = explanation?.statements ?? []
    expect(
      explanation?.statements.map(({ layer, action, resource, matches }) => [
        layer,
        action,
        resource,
        matches,
      ]),
    ).toEqual([
      ['identity', false, true, false],
      ['identity', true, false, false],
      ['identity', true, true, false],
      ['resource', true, true, true],
    ])
    expect(last?.conditions).toEqual([
      { operator: 'StringEquals', key: 'aws:PrincipalTag/a', missing: true, holds: false },
      { operator: 'Bool', key: 'aws:SecureTransport', missing: false, holds: true },
    ])
  })
  test('holds no value of a condition', () => {
    const identity = [
      policy(
        allow('kms:*', {
          Condition: { StringEquals: { 'kms:EncryptionContext:a': 'secret-one' } },
        }),
      ),
    ]
    const text = JSON.stringify(
      explained(scene({ identity, context: { 'kms:EncryptionContext:a': 'secret-two' } })),
    )
    expect(text).toContain('kms:EncryptionContext:a')
    expect(text).not.toContain('secret')
  })
})

describe('The message to a denied caller', () => {
  const message = (over: Over) => {
    const { demand, decision } = decide(scene(over))
    return denialMessage(decision, { caller: USER, ...demand })
  }
  const start = `User: ${USER} is not authorized to perform: kms:Decrypt on resource: ${KEY}`
  const control = (document: object): NonNullable<Over['serviceControl']> => ({
    managementAccount: OTHER,
    levels: [[document]],
  })
  const cases: [over: Over, end: string][] = [
    [{}, 'because no identity-based policy allows the kms:Decrypt action'],
    [{ policy: NOBODY }, 'because no resource-based policy allows the kms:Decrypt action'],
    [{ boundary: S3_ONLY }, 'because no permissions boundary allows the kms:Decrypt action'],
    [{ session: [S3_ONLY] }, 'because no session policy allows the kms:Decrypt action'],
    [
      { serviceControl: control(S3_ONLY) },
      'because no service control policy allows the kms:Decrypt action',
    ],
    [{ identity: [policy(deny('*'))] }, 'with an explicit deny in an identity-based policy'],
    [{ boundary: policy(deny('*')) }, 'with an explicit deny in a permissions boundary'],
    [{ policy: policy(deny('*', to('*'))) }, 'with an explicit deny in a resource-based policy'],
    [
      { serviceControl: control(policy(deny('*'))) },
      'with an explicit deny in a service control policy',
    ],
  ]
  for (const [over, end] of cases) {
    test(`ends ${end}`, () => expect(message(over)).toBe(`${start} ${end}`))
  }
})

describe('A caller of another account', () => {
  const principal = cast.userOfB
  const keys = [DELEGATION, policy(allow('kms:*', to(ROOT_B))), policy(deny('kms:*', to('*')))]
  const told = (over: Over) =>
    keys.map((key) => decide(scene({ principal, policy: key, ...over })).decision.told)
  test('whose own organization does not allow reads so, whatever the key policy says', () => {
    const serviceControl = { managementAccount: OTHER, levels: [[S3_ONLY]] }
    const own = { kind: 'layer', explicit: false, layer: 'service-control' }
    expect(told({ identity: [ALL_KMS], serviceControl })).toEqual([own, own, own])
  })
  test('reads nothing of the control policies of the resource', () => {
    for (const document of [policy(allow('s3:*', to('*'))), policy(deny('kms:*', to('*')))]) {
      const resourceControl = { managementAccount: OTHER, levels: [[document]] }
      const nothing = { kind: 'concealed' }
      expect(told({ identity: [ALL_KMS], resourceControl })).toEqual([nothing, nothing, nothing])
    }
  })
  test('reads its own explicit deny, whatever the key policy says', () => {
    const own = { kind: 'layer', explicit: true, layer: 'identity' }
    expect(told({ identity: [policy(deny('*'))] })).toEqual([own, own, own])
  })
})
