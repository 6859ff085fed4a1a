// Every reason a policy with principals is refused for, with the place that is named.
import { ALLOW, policy, refuses, TO_ALL } from './testing/refusal.ts'

const principal = (Principal: unknown) => policy({ ...ALLOW, Principal })
const S = 'Statement[0]'

const GROUP = 'arn:aws:iam::111122223333:group/g'
refuses('key', [
  ['no principal', policy(ALLOW), 'missing-element', S],
  ['an empty principal', principal({}), 'invalid-principal', `${S}.Principal`],
  ['an empty list of principals', principal({ AWS: [] }), 'invalid-principal', `${S}.Principal`],
  ['a name as principal', principal('111122223333'), 'invalid-principal', `${S}.Principal`],
  [
    'an unknown type of principal',
    principal({ Aws: '*' }),
    'invalid-principal',
    `${S}.Principal.Aws`,
  ],
  ['a group as principal', principal({ AWS: GROUP }), 'invalid-principal', `${S}.Principal.AWS`],
  [
    'a wildcard in a principal',
    principal({ AWS: 'arn:aws:iam::111122223333:role/*' }),
    'invalid-principal',
    `${S}.Principal.AWS`,
  ],
  [
    'a star for services',
    principal({ Service: '*' }),
    'invalid-principal',
    `${S}.Principal.Service`,
  ],
  [
    'a short account number',
    principal({ AWS: '11112222333' }),
    'invalid-principal',
    `${S}.Principal.AWS`,
  ],
  [
    'a user without a name',
    principal({ AWS: 'arn:aws:iam::111122223333:user/' }),
    'invalid-principal',
    `${S}.Principal.AWS`,
  ],
  [
    'NotPrincipal with Allow',
    policy({ ...ALLOW, NotPrincipal: { AWS: '111122223333' } }),
    'forbidden-element',
    `${S}.NotPrincipal`,
  ],
  [
    'NotPrincipal *',
    policy({ ...ALLOW, Effect: 'Deny', NotPrincipal: '*' }),
    'invalid-principal',
    `${S}.NotPrincipal`,
  ],
  [
    'both Principal and NotPrincipal',
    policy({ ...TO_ALL, Effect: 'Deny', NotPrincipal: { AWS: '111122223333' } }),
    'conflicting-elements',
    `${S}.NotPrincipal`,
  ],
  [
    'ForAllValues on the encryption context',
    policy({
      ...TO_ALL,
      Condition: { 'ForAllValues:StringEquals': { 'KMS:EncryptionContext:a': 'b' } },
    }),
    'over-permissive-condition',
    `${S}.Condition.ForAllValues:StringEquals.KMS:EncryptionContext:a`,
  ],
  [
    'ForAllValues on request tags',
    policy({ ...TO_ALL, Condition: { 'forallvalues:stringlike': { 'aws:RequestTag/a': 'b' } } }),
    'over-permissive-condition',
    `${S}.Condition.forallvalues:stringlike.aws:RequestTag/a`,
  ],
])

refuses('trust', [
  ['a resource', policy(TO_ALL), 'forbidden-element', `${S}.Resource`],
  ['no action', policy({ Effect: 'Allow', Principal: '*' }), 'missing-element', S],
])
