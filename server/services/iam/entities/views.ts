// Users, groups, roles and policies as answers show them.
import type { Identities } from '../../../contract/ports.ts'
import { shownTrustPolicy } from '../policies/trust-policy.ts'
import { tagsView } from '../tags.ts'
import type {
  AttachedPermissionsBoundary,
  AttachedPolicy,
  Group as GroupView,
  PolicyVersion as PolicyVersionView,
  Policy as PolicyView,
  Role as RoleView,
  User as UserView,
} from '../wire.ts'
import {
  entityArn,
  type Group,
  type ManagedPolicy,
  type PolicyVersion,
  type Role,
  type User,
} from './entity.ts'

export function userView(user: User): UserView {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: entityArn('user', user),
    CreateDate: new Date(user.createdAtMs),
  }
}

/** With what only answers about one user show. */
export function wholeUserView(user: User): UserView {
  return { ...userView(user), ...boundaryView(user), ...shownTags(user) }
}

export function groupView(group: Group): GroupView {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: entityArn('group', group),
    CreateDate: new Date(group.createdAtMs),
  }
}

export async function roleView(role: Role, identities: Identities): Promise<RoleView> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: entityArn('role', role),
    CreateDate: new Date(role.createdAtMs),
    AssumeRolePolicyDocument: encodedDocument(await shownTrustPolicy(role.trustPolicy, identities)),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  }
}

/** With what only answers about one role show. */
export async function wholeRoleView(role: Role, identities: Identities): Promise<RoleView> {
  return { ...(await roleView(role, identities)), ...boundaryView(role), ...shownTags(role) }
}

/** How often a policy is attached, and how often it is a boundary. */
export type PolicyUse = { readonly attachments: number; readonly boundaries: number }

export function policyView(policy: ManagedPolicy, use: PolicyUse): PolicyView {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: entityArn('policy', policy),
    Path: policy.path,
    DefaultVersionId: versionId(policy.defaultNumber),
    AttachmentCount: use.attachments,
    PermissionsBoundaryUsageCount: use.boundaries,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAtMs),
    UpdateDate: new Date(policy.updatedAtMs),
  }
}

/** With what only answers about one policy show. */
export function wholePolicyView(policy: ManagedPolicy, use: PolicyUse): PolicyView {
  const { description } = policy
  return {
    ...policyView(policy, use),
    ...(description !== undefined && { Description: description }),
    Tags: tagsView(policy.tags),
  }
}

export function policyVersionView(
  policy: ManagedPolicy,
  { number, createdAtMs }: PolicyVersion,
): PolicyVersionView {
  return {
    VersionId: versionId(number),
    IsDefaultVersion: number === policy.defaultNumber,
    CreateDate: new Date(createdAtMs),
  }
}

export function attachedPolicyView(arn: string): AttachedPolicy {
  return { PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }
}

export function boundaryView({ boundary }: Pick<User, 'boundary'>): {
  PermissionsBoundary?: AttachedPermissionsBoundary
} {
  if (boundary === undefined) return {}
  // The SDK calls the type PermissionsBoundaryPolicy; what IAM answers, and documents, is Policy.
  const type = 'Policy' as AttachedPermissionsBoundary['PermissionsBoundaryType']
  return {
    PermissionsBoundary: { PermissionsBoundaryType: type, PermissionsBoundaryArn: boundary },
  }
}

export function versionId(number: number): string {
  return `v${number}`
}

/** Documents leave percent-encoded, RFC 3986 §2.3: encodeURIComponent leaves five characters too many. */
export function encodedDocument(document: string): string {
  return encodeURIComponent(document.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function shownTags({ tags }: Pick<User, 'tags'>) {
  return tags.length === 0 ? {} : { Tags: tagsView(tags) }
}
