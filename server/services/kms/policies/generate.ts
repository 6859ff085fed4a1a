// Writes key policies: the default one, the narrower one that names principals, and the least
// privilege of the k9 pattern, in its present style and in the older one with DenyEveryoneElse.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
import { CAPABILITIES, type Capability } from './capabilities.ts'

/** ARNs of users, roles or the account's root; `*` and `?` stand for any characters. */
export type PrincipalArns = readonly string[]

export type LeastPrivilege = {
  readonly account: string
  readonly grants: Readonly<Partial<Record<Capability, PrincipalArns>>>
  /** Actions of one's own choice, and who may do them. */
  readonly custom: { readonly actions: readonly string[]; readonly principals: PrincipalArns }
  /** `deny-everyone-else`: the account delegates to IAM, and a Deny takes it back from all others. */
  readonly style: 'allow-listed' | 'deny-everyone-else'
}

export type PolicyJson = {
  readonly Version: '2012-10-17'
  readonly Id: string
  readonly Statement: readonly object[]
}

/** Only these principals, all of whom may do everything; the account's IAM policies do not count. */
export function narrowerPolicy(principals: PrincipalArns): PolicyJson {
  return {
    Version: '2012-10-17',
    Id: 'narrower',
    Statement: [
      {
        Sid: 'AllowOnlyListedPrincipals',
        Effect: 'Allow',
        Principal: { AWS: principals },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  }
}

/** Every capability for those who are listed under it, and nothing for anybody else. */
export function leastPrivilegePolicy(wanted: LeastPrivilege): PolicyJson {
  const { account, grants, custom, style } = wanted
  const allows = Object.entries(CAPABILITIES).flatMap(([capability, actions]) =>
    allowRestricted(capability, actions, grants[capability as Capability] ?? []),
  )
  const own = allowRestricted('custom-actions', custom.actions, custom.principals)
  const root = `arn:aws:iam::${account}:root`
  const listed = [...Object.values(grants).flat(), ...custom.principals]
  return {
    Version: '2012-10-17',
    Id: style === 'allow-listed' ? 'least-privilege' : 'least-privilege-deny-everyone-else',
    Statement:
      style === 'allow-listed'
        ? [...allows, ...own]
        : [delegation(root), ...allows, ...own, denyEveryoneElse([...new Set([root, ...listed])])],
  }
}

/** One statement, or none where nobody is listed. */
function allowRestricted(
  capability: string,
  actions: readonly string[],
  principals: PrincipalArns,
): readonly object[] {
  if (principals.length === 0 || actions.length === 0) return []
  const condition = principals.some(isPattern) ? 'ArnLike' : 'ArnEquals'
  return [
    {
      Sid: `AllowRestricted${capability.replace(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase())}`,
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: actions,
      Resource: '*',
      Condition: { [condition]: { 'aws:PrincipalArn': principals } },
    },
  ]
}

function delegation(root: string): object {
  return {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: root },
    Action: 'kms:*',
    Resource: '*',
  }
}

/** Services and the grants made for their resources are spared: attached volumes go on working. */
function denyEveryoneElse(principals: PrincipalArns): object {
  const condition = principals.some(isPattern) ? 'ArnNotLike' : 'ArnNotEquals'
  return {
    Sid: 'DenyEveryoneElse',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 'kms:*',
    Resource: '*',
    Condition: {
      [condition]: { 'aws:PrincipalArn': principals },
      Bool: { 'aws:PrincipalIsAWSService': 'false', 'kms:GrantIsForAWSResource': 'false' },
    },
  }
}

function isPattern(arn: string): boolean {
  return /[*?]/.test(arn)
}
