// Generators of policies and requests from small alphabets, so that statements often match.
import fc from 'fast-check'
import type { Demand } from '../authorization-request.ts'
import type { Principal } from '../principal.ts'
import type { Document, Scene, SceneDemand } from './scene.ts'
import { variable } from './variable.ts'

const A = '111122223333'
const B = '444455556666'
const root = (account: string) => `arn:aws:iam::${account}:root`

export const PRINCIPALS: readonly Principal[] = [
  { kind: 'root-user', account: A, arn: root(A) },
  {
    kind: 'user',
    account: A,
    arn: `arn:aws:iam::${A}:user/u`,
    id: 'AIDAUUUUUUUUUUUUUUUU',
    name: 'u',
  },
  {
    kind: 'user',
    account: B,
    arn: `arn:aws:iam::${B}:user/u`,
    id: 'AIDABBBBBBBBBBBBBBBB',
    name: 'u',
  },
  ...(['customer', 'service-linked'] as const).map(
    (role): Principal => ({
      kind: 'role-session',
      account: A,
      arn: `arn:aws:sts::${A}:assumed-role/r/s`,
      roleArn: `arn:aws:iam::${A}:role/p/r`,
      roleId: 'AROARRRRRRRRRRRRRRRR',
      sessionName: 's',
      role,
    }),
  ),
  {
    kind: 'federated-user',
    account: A,
    arn: `arn:aws:sts::${A}:federated-user/f`,
    name: 'f',
    userArn: `arn:aws:iam::${A}:user/u`,
    userId: 'AIDAUUUUUUUUUUUUUUUU',
  },
  { kind: 'service', name: 's3.amazonaws.com', names: ['s3.amazonaws.com'] },
  { kind: 'federated-identity', provider: 'idp.example.com' },
  { kind: 'anonymous' },
]

const pick = <T>(...values: T[]) => fc.constantFrom(...values)
const oneOrMore = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(value, fc.uniqueArray(value, { minLength: 1, maxLength: 3 }))

const action = pick('*', 'kms:*', 'kms:De*', 'KMS:decrypt', 'kms:Encrypt', 's3:*', 'kms:?ecrypt')
const RESOURCES = [
  `arn:aws:kms:r:${A}:key/k`,
  `arn:aws:kms:r:${A}:key/u/k`,
  'arn:aws:s3:::b/u',
  '*',
]
const resource = pick(
  '*',
  ...RESOURCES.slice(0, 3),
  'arn:aws:kms:*:*:key/*',
  'arn:aws:s3:::b*',
  `arn:*:kms:?:1*:key/${variable('aws:username')}/*`,
  `arn:aws:kms:r:*:key/${variable("t:x, 'u'")}/?`,
  `arn:aws:s3:::b/${variable('*')}`,
)

const TEXTS = ['a', 'A', 'ab', 'b', 'true', '*', `arn:aws:iam::${A}:role/p/r`, '7', '']
/** Request values by family; some are malformed. */
const REQUEST_VALUES = [...TEXTS, '10.0.0.1', '1.5', '2026-01-01', 'YWI=', 'arn:a:b']
const KEYS = ['t:x', 'T:Y', 'aws:PrincipalTag/q', 'aws:username', 'aws:PrincipalArn']

const texts = (...values: string[]) =>
  fc.oneof(pick(...values), fc.uniqueArray(pick(...values), { maxLength: 3 }))
const operand: readonly (readonly [
  names: readonly string[],
  values: fc.Arbitrary<string | string[]>,
])[] = [
  [
    ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'],
    texts(
      ...TEXTS,
      'a*',
      '?',
      '*b',
      variable('t:x'),
      variable("t:z, 'a'"),
      variable('*'),
      `a${variable('t:y')}?`,
      '*a*b*',
    ),
  ],
  [
    ['NumericEquals', 'NumericNotEquals', 'NumericLessThan', 'NumericGreaterThanEquals'],
    texts('7', '07', '+7.0', '-1', '1.50', '7.000000001'),
  ],
  [
    ['DateEquals', 'DateNotEquals', 'DateLessThanEquals', 'DateGreaterThan'],
    texts('2026-01-01', '2026-01-01T00:00:00Z', '1767225600', '1767225601'),
  ],
  [['Bool'], texts('true', 'TRUE', 'false', 'x', variable('t:x'))],
  [['BinaryEquals'], texts('YWI=', 'YWJj')],
  [['IpAddress', 'NotIpAddress'], texts('10.0.0.0/8', '10.0.0.1', '10.9.9.9/8', '192.168.0.0/16')],
  [
    ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    texts('arn:aws:iam::*:role/*', 'arn:*:*:*:*:*', `arn:aws:iam::${A}:role/${variable('t:x')}/r`),
  ],
]
const quantified = operand.map(([names, values]) =>
  fc
    .tuple(
      pick('', '', '', 'ForAllValues:', 'ForAnyValue:'),
      pick(...names),
      pick('', '', 'IfExists'),
    )
    .chain(([quantifier, name, ifExists]) =>
      fc.record({
        operator: fc.constant(`${quantifier}${name}${ifExists}`),
        key: pick(...KEYS),
        values,
      }),
    ),
)
const nulls = fc.record({
  operator: fc.constant('Null'),
  key: pick(...KEYS),
  values: texts('true', 'false'),
})
const conditions = fc
  .array(fc.oneof(...quantified, nulls), { maxLength: 2 })
  .map((list) =>
    Object.fromEntries(list.map(({ operator, key, values }) => [operator, { [key]: values }])),
  )

const named = oneOrMore(
  pick(
    '*',
    A,
    root(A),
    B,
    `arn:aws:iam::${A}:user/u`,
    'AIDAUUUUUUUUUUUUUUUU',
    `arn:aws:iam::${A}:role/p/r`,
    `arn:aws:sts::${A}:assumed-role/r/s`,
    `arn:aws:sts::${A}:federated-user/f`,
  ),
)
const somebody: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant('*'),
  fc.record({ AWS: named }),
  fc.constant({ Service: 's3.amazonaws.com', Federated: 'idp.example.com' }),
)
const nobodyBut = fc.constant({
  AWS: [
    A,
    `arn:aws:iam::${A}:user/u`,
    `arn:aws:iam::${A}:role/p/r`,
    `arn:aws:sts::${A}:assumed-role/r/s`,
  ],
})

/** A statement; with a principal for resource policies. */
export function statement(withPrincipal: boolean): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      Effect: pick('Allow', 'Allow', 'Deny'),
      what: fc.tuple(pick('Action', 'Action', 'Action', 'NotAction'), oneOrMore(action)),
      on: fc.tuple(pick('Resource', 'Resource', 'Resource', 'NotResource'), oneOrMore(resource)),
      who: fc.tuple(pick('Principal', 'Principal', 'NotPrincipal'), somebody, nobodyBut),
      Condition: conditions,
    })
    .map(({ Effect, what, on, who, Condition }) => {
      const not = who[0] === 'NotPrincipal' && Effect === 'Deny'
      return {
        Effect,
        [what[0]]: what[1],
        [on[0]]: on[1],
        ...(withPrincipal && (not ? { NotPrincipal: who[2] } : { Principal: who[1] })),
        Condition,
      }
    })
}

export function policy(withPrincipal: boolean): fc.Arbitrary<Document> {
  return fc.record({
    Version: pick('2012-10-17', '2012-10-17', '2008-10-17'),
    Statement: fc.array(statement(withPrincipal), { minLength: 1, maxLength: 4 }),
  })
}

/** A generated policy, or one that allows everything, so that other layers are reached. */
function some(withPrincipal: boolean): fc.Arbitrary<Document> {
  const full = {
    Effect: 'Allow',
    ...(withPrincipal && { Principal: '*' }),
    Action: '*',
    Resource: '*',
  }
  return fc.oneof(
    { weight: 2, arbitrary: policy(withPrincipal) },
    { weight: 1, arbitrary: fc.constant<Document>({ Version: '2012-10-17', Statement: full }) },
  )
}

const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
const control = (withPrincipal: boolean) =>
  fc.record({
    managementAccount: pick('999900001111', A),
    levels: fc.array(fc.array(some(withPrincipal), { minLength: 1, maxLength: 2 }), {
      maxLength: 2,
    }),
  })

const values = fc.oneof(
  pick(...REQUEST_VALUES),
  fc.array(pick(...REQUEST_VALUES), { minLength: 1, maxLength: 3 }),
)
const demand: fc.Arbitrary<SceneDemand> = fc.record({
  action: pick('kms:Decrypt', 'kms:Encrypt', 's3:GetObject'),
  resource: pick(...RESOURCES),
  authority: fc.oneof(
    { weight: 9, arbitrary: pick<Demand['authority']>('delegation', 'delegation', 'either') },
    { weight: 4, arbitrary: pick<Demand['authority']>('identity', 'grant') },
    { weight: 1, arbitrary: fc.constant<Demand['authority']>('anyone') },
  ),
  policy: fc.option(policy(true), { freq: 3, nil: null }),
  resourceControl: rarely(control(true)),
  policyKind: fc.constant('resource' as const),
  publicAccessBlocked: fc.boolean(),
  grants: fc.array(
    fc.record({
      id: pick('g1', 'g2'),
      issuer: pick(A, B),
      grantee: pick('user', 'role', 'session', 'federated-user', 'account', 'service'),
    }),
    { maxLength: 1 },
  ),
  context: fc.constant({}),
})

/** A scene of one demand. The keys that follow from the principal are not in its context. */
export const scene: fc.Arbitrary<Scene> = fc.record({
  principal: pick(...PRINCIPALS),
  identity: fc.array(some(false), { maxLength: 2 }),
  boundary: rarely(some(false)),
  session: rarely(fc.array(some(false), { maxLength: 2 })),
  endpoint: rarely(some(true)),
  serviceControl: rarely(control(false)),
  context: fc.dictionary(pick('t:x', 't:y', 'aws:PrincipalTag/q'), values, { maxKeys: 3 }),
  demands: demand.map((one) => [one]),
})
