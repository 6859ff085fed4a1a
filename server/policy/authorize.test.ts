// Layers beyond the corpus: denies, control policies, endpoints, resources without an ARN.
import { describe, expect, test } from 'vitest'
import type { Principal } from './principal.ts'
import { ALL_KMS, allow, cast, deny, KEY, policy, ROOT_B, to, USER } from './testing/cast.ts'
import { decide } from './testing/scene.ts'
import type { Over } from './testing/verdict.ts'
import { outcome, scene, verdict } from './testing/verdict.ts'

const S3_ONLY = policy(allow('s3:*'))
const EVERYTHING = policy(allow('*'))
const OTHER = '999900001111'

describe('A deny in any layer wins over every allow', () => {
  const open = {
    principal: cast.roleSession,
    identity: [EVERYTHING],
    policy: policy(allow('kms:*', to('*'))),
  }
  const no = policy(allow('*'), deny('kms:Decrypt'))
  const noOne = policy(allow('*', to('*')), deny('kms:Decrypt', to('*')))
  const layers: [layer: string, over: Over][] = [
    [
      'service-control',
      { serviceControl: { managementAccount: OTHER, levels: [[EVERYTHING], [no]] } },
    ],
    ['resource-control', { resourceControl: { managementAccount: OTHER, levels: [[noOne]] } }],
    ['resource', { policy: noOne }],
    ['identity', { identity: [EVERYTHING, no] }],
    ['boundary', { boundary: no }],
    ['session', { session: [EVERYTHING, no] }],
  ]
  for (const [layer, over] of layers) {
    test(`in the layer ${layer}`, () => {
      expect(outcome(open)).toBe('allow resource')
      expect(outcome({ ...open, ...over })).toBe(`explicit-deny ${layer}`)
      expect(outcome({ ...open, ...over, action: 'kms:Encrypt' })).toBe('allow resource')
    })
  }
})

describe('Control policies', () => {
  const control = (managementAccount: string, ...levels: object[][]) => ({
    managementAccount,
    levels,
  })
  const user = { identity: [ALL_KMS] }
  test('must allow at every level, and grant nothing', () => {
    const both = { serviceControl: control(OTHER, [EVERYTHING], [S3_ONLY, ALL_KMS]) }
    expect(outcome({ ...user, ...both })).toBe('allow identity')
    expect(outcome(both)).toBe('implicit-deny identity')
    expect(outcome({ ...user, serviceControl: control(OTHER, [EVERYTHING], []) })).toBe(
      'implicit-deny service-control',
    )
    expect(outcome({ ...user, serviceControl: control(OTHER) })).toBe(
      'implicit-deny service-control',
    )
  })
  test("of services do not restrict service-linked roles, service principals or other accounts' management", () => {
    const serviceControl = control(OTHER, [S3_ONLY])
    const linked = { ...cast.roleSession, role: 'service-linked' } as Principal
    expect(outcome({ ...user, principal: linked, serviceControl })).toBe('allow identity')
    expect(outcome({ ...user, principal: cast.roleSession, serviceControl })).toBe(
      'implicit-deny service-control',
    )
    const trail = policy(allow('kms:*', { Principal: { Service: 'cloudtrail.amazonaws.com' } }))
    expect(outcome({ principal: cast.cloudtrail, policy: trail, serviceControl })).toBe(
      'allow resource',
    )
  })
  test('of resources restrict everybody, strangers and services included', () => {
    const resourceControl = control(OTHER, [policy(allow('s3:*', to('*')))])
    const open = policy(allow('kms:*', to('*')))
    for (const principal of [cast.user, cast.rootUser, cast.cloudtrail]) {
      expect(outcome({ principal, policy: open, resourceControl })).toBe(
        'implicit-deny resource-control',
      )
    }
    expect(outcome({ policy: open, resourceControl: control('111122223333', []) })).toBe(
      'allow resource',
    )
  })
})

test('An endpoint policy must allow, whoever the caller is', () => {
  const through = (endpoint: object) =>
    decide({ ...scene({ identity: [ALL_KMS] }), endpoint }).decision
  expect(through(policy(allow('kms:*', to('*')))).verdict).toBe('allow')
  expect(through(policy(allow('kms:*', to(ROOT_B))))).toMatchObject({
    verdict: 'implicit-deny',
    layer: 'endpoint',
  })
  expect(through(policy(allow('*', to('*')), deny('kms:*', to('*'))))).toMatchObject({
    verdict: 'explicit-deny',
    layer: 'endpoint',
  })
})

test('Nothing denies what anyone may do', () => {
  const whoami = {
    action: 'sts:GetCallerIdentity',
    resource: '*',
    authority: 'anyone',
    policy: null,
  } as const
  expect(outcome({ ...whoami, identity: [policy(deny('*'))], boundary: policy(deny('*')) })).toBe(
    'allow none',
  )
})

test('An action without a resource needs a statement on all resources', () => {
  const create = {
    action: 'kms:CreateKey',
    resource: '*',
    authority: 'identity',
    policy: null,
  } as const
  const on = (Resource: string) => [policy(allow('kms:CreateKey', { Resource }))]
  expect(outcome({ ...create, identity: on('*') })).toBe('allow identity')
  expect(outcome({ ...create, identity: on('arn:aws:kms:*:*:*') })).toBe('implicit-deny identity')
  const but = [policy({ Effect: 'Allow', Action: 'kms:*', NotResource: KEY })]
  expect(outcome({ ...create, identity: but })).toBe('allow identity')
})

test('NotResource spares what it lists, and stands aside while a variable has no value', () => {
  const get = { action: 's3:GetObject', authority: 'either', policy: null } as const
  const own = `arn:aws:s3:::home/${'$'}{aws:PrincipalTag/team}/*`
  const identity = [policy({ Effect: 'Allow', Action: 's3:*', NotResource: own })]
  const tagged = { ...get, identity, context: { 'aws:PrincipalTag/team': 'blue' } }
  expect(verdict({ ...tagged, resource: 'arn:aws:s3:::home/red/x' })).toBe('allow')
  expect(verdict({ ...tagged, resource: 'arn:aws:s3:::home/blue/x' })).toBe('implicit-deny')
  expect(verdict({ ...get, identity, resource: 'arn:aws:s3:::home/red/x' })).toBe('implicit-deny')
})

test('A key policy statement without Action or Resource has no effect', () => {
  const key = policy(
    allow('kms:*', to(USER)),
    { Effect: 'Deny', Principal: '*', Action: 'kms:*' },
    { Effect: 'Deny', Principal: '*', Resource: '*' },
  )
  expect(outcome({ policy: key })).toBe('allow resource')
})
