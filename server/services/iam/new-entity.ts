// What must be allowed to make a user, role or policy: also to tag it, where it is made with tags.
import type { ConditionKeys, Demand } from '../../contract/demand.ts'
import { identityDemand } from '../../contract/demand.ts'
import { type EntityKind, entityArn } from './entities/entity.ts'
import type { IamCall } from './operation.ts'
import { requestTagKeys } from './tags.ts'
import type { Tag } from './wire.ts'

const WORDS = { user: 'User', role: 'Role', policy: 'Policy' } as const

export function newEntityDemands(
  kind: Exclude<EntityKind, 'group'>,
  name: string,
  input: {
    readonly Path?: string | undefined
    readonly Tags?: readonly Tag[] | undefined
    readonly PermissionsBoundary?: string | undefined
  },
  { account }: IamCall,
): readonly Demand[] {
  const { Path: path = '/', Tags, PermissionsBoundary: boundary } = input
  const arn = entityArn(kind, { account, path, name })
  const conditions: ConditionKeys = () => [
    ...requestTagKeys(Tags),
    ...(boundary === undefined ? [] : [['iam:PermissionsBoundary', boundary] as const]),
  ]
  const actions = [`iam:Create${WORDS[kind]}`]
  if (Tags !== undefined && Tags.length > 0) actions.push(`iam:Tag${WORDS[kind]}`)
  return actions.map((action) => identityDemand(action, arn, account, conditions))
}
