// Every reason a policy without principals is refused for, with the place that is named.
import { ALLOW, policy, refuses, TO_ALL } from './testing/refusal.ts'
import { variable } from './testing/variable.ts'

const condition = (Condition: unknown) => policy({ ...ALLOW, Condition })
const resource = (Resource: unknown) => policy({ ...ALLOW, Resource })
const S = 'Statement[0]'

refuses('identity', [
  ['an array in place of the document', [], 'wrong-type', ''],
  ['an unknown element', { Version: '2012-10-17', Statment: [] }, 'unknown-element', 'Statment'],
  [
    'an element in another case',
    { version: '2012-10-17', Statement: ALLOW },
    'unknown-element',
    'version',
  ],
  ['another version', { Version: '2012-10-18', Statement: ALLOW }, 'invalid-version', 'Version'],
  ['no statement', { Version: '2012-10-17' }, 'missing-element', 'Statement'],
  ['an empty list of statements', policy(), 'empty', 'Statement'],
  ['a statement that is no object', { Statement: ['x'] }, 'wrong-type', S],
  [
    'an unknown element of a statement',
    policy({ ...ALLOW, Resources: '*' }),
    'unknown-element',
    `${S}.Resources`,
  ],
  ['no effect', policy({ Action: 'a:b', Resource: '*' }), 'missing-element', S],
  [
    'an effect in another case',
    policy({ ...ALLOW, Effect: 'allow' }),
    'invalid-effect',
    `${S}.Effect`,
  ],
  [
    'an effect given twice',
    `{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}`,
    'duplicate-name',
    'Statement.Effect',
  ],
  ['no action', policy({ Effect: 'Allow', Resource: '*' }), 'missing-element', S],
  [
    'both Action and NotAction',
    policy({ ...ALLOW, NotAction: 'a:b' }),
    'conflicting-elements',
    `${S}.NotAction`,
  ],
  ['no resource', policy({ Effect: 'Allow', Action: 'a:b' }), 'missing-element', S],
  [
    'both Resource and NotResource',
    policy({ ...ALLOW, NotResource: '*' }),
    'conflicting-elements',
    `${S}.NotResource`,
  ],
  ['an empty list of actions', policy({ ...ALLOW, Action: [] }), 'empty', `${S}.Action`],
  ['a null action', policy({ ...ALLOW, Action: [null] }), 'wrong-type', `${S}.Action`],
  [
    'an action without a service',
    policy({ ...ALLOW, Action: 'Decrypt' }),
    'invalid-action',
    `${S}.Action`,
  ],
  [
    'a wildcard in a service',
    policy({ ...ALLOW, Action: 'k*:Decrypt' }),
    'invalid-action',
    `${S}.Action`,
  ],
  [
    'an action with a space',
    policy({ ...ALLOW, Action: 'kms: Decrypt' }),
    'invalid-action',
    `${S}.Action`,
  ],
  ['a resource that is no ARN', resource('key/1'), 'invalid-resource', `${S}.Resource`],
  ['a resource of five parts', resource('arn:aws:kms:*'), 'invalid-resource', `${S}.Resource`],
  [
    'a variable in front of the resource part',
    resource(`arn:aws:s3::${variable('aws:PrincipalAccount')}:b`),
    'invalid-variable',
    `${S}.Resource`,
  ],
  [
    'an unfinished variable',
    resource('arn:aws:s3:::b/$' + '{x'),
    'invalid-variable',
    `${S}.Resource`,
  ],
  ['a principal', policy(TO_ALL), 'forbidden-element', `${S}.Principal`],
  [
    'a NotPrincipal',
    policy({ ...ALLOW, NotPrincipal: '*' }),
    'forbidden-element',
    `${S}.NotPrincipal`,
  ],
  [
    'a statement id of other characters',
    policy({ ...ALLOW, Sid: 'a b' }),
    'invalid-sid',
    `${S}.Sid`,
  ],
  [
    'a statement id given twice',
    policy({ ...ALLOW, Sid: 'a' }, { ...ALLOW, Sid: 'a' }),
    'duplicate-sid',
    'Statement[1].Sid',
  ],
  [
    'an unknown operator',
    condition({ StringMatches: { 'a:b': 'x' } }),
    'unknown-operator',
    `${S}.Condition.StringMatches`,
  ],
  [
    'an unknown quantifier',
    condition({ 'ForSome:StringLike': { 'a:b': 'x' } }),
    'unknown-operator',
    `${S}.Condition.ForSome:StringLike`,
  ],
  [
    'NullIfExists',
    condition({ NullIfExists: { 'a:b': 'true' } }),
    'unknown-operator',
    `${S}.Condition.NullIfExists`,
  ],
  [
    'an operator without keys',
    condition({ StringEquals: {} }),
    'empty',
    `${S}.Condition.StringEquals`,
  ],
  [
    'a condition key without a service',
    condition({ StringEquals: { username: 'x' } }),
    'invalid-condition-key',
    `${S}.Condition.StringEquals.username`,
  ],
  [
    'a condition key twice in different case',
    condition({ StringEquals: { 'aws:username': 'x', 'aws:UserName': 'y' } }),
    'duplicate-name',
    `${S}.Condition.aws:UserName`,
  ],
  [
    'an object as a value',
    condition({ StringEquals: { 'a:b': {} } }),
    'wrong-type',
    `${S}.Condition.StringEquals.a:b`,
  ],
  [
    'a null value',
    condition({ StringEquals: { 'a:b': null } }),
    'wrong-type',
    `${S}.Condition.StringEquals.a:b`,
  ],
  [
    'Null with another value',
    condition({ Null: { 'a:b': 'yes' } }),
    'invalid-literal',
    `${S}.Condition.Null.a:b`,
  ],
  [
    'a malformed number',
    condition({ NumericEquals: { 'a:b': '1e3' } }),
    'invalid-literal',
    `${S}.Condition.NumericEquals.a:b`,
  ],
  [
    'a malformed date',
    condition({ DateEquals: { 'a:b': '2026-02-30' } }),
    'invalid-literal',
    `${S}.Condition.DateEquals.a:b`,
  ],
  [
    'a malformed address',
    condition({ IpAddress: { 'a:b': '10.0.0.0/33' } }),
    'invalid-literal',
    `${S}.Condition.IpAddress.a:b`,
  ],
  [
    'a malformed ARN',
    condition({ ArnLike: { 'a:b': '*' } }),
    'invalid-literal',
    `${S}.Condition.ArnLike.a:b`,
  ],
  [
    'malformed base64',
    condition({ BinaryEquals: { 'a:b': 'a' } }),
    'invalid-literal',
    `${S}.Condition.BinaryEquals.a:b`,
  ],
  [
    'a malformed variable',
    condition({ StringEquals: { 'a:b': variable('') } }),
    'invalid-variable',
    `${S}.Condition.StringEquals.a:b`,
  ],
  [
    'a variable in a number',
    condition({ NumericEquals: { 'a:b': variable('c:d') } }),
    'invalid-literal',
    `${S}.Condition.NumericEquals.a:b`,
  ],
])
