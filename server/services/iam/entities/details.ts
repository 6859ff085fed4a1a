// Users, groups, roles and policies with everything that belongs to them.
import type { Identities } from '../../../contract/ports.ts'
import { tagsView } from '../tags.ts'
import type {
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from '../wire.ts'
import type { Group, InlinePolicy, ManagedPolicy, Role, User } from './entity.ts'
import {
  attachedPolicyView,
  boundaryView,
  encodedDocument,
  groupView,
  type PolicyUse,
  policyVersionView,
  policyView,
  roleView,
  userView,
} from './views.ts'

/** `groupNames` are the names of the account's groups by their ids. */
export function userDetail(user: User, groupNames: ReadonlyMap<string, string>): UserDetail {
  return {
    ...userView(user),
    UserPolicyList: inlineDetails(user.inline),
    GroupList: user.groups.flatMap((id) => groupNames.get(id) ?? []),
    AttachedManagedPolicies: user.attached.map(attachedPolicyView),
    ...boundaryView(user),
    Tags: tagsView(user.tags),
  }
}

export function groupDetail(group: Group): GroupDetail {
  return {
    ...groupView(group),
    GroupPolicyList: inlineDetails(group.inline),
    AttachedManagedPolicies: group.attached.map(attachedPolicyView),
  }
}

export async function roleDetail(role: Role, identities: Identities): Promise<RoleDetail> {
  const { Path, RoleName, RoleId, Arn, CreateDate, AssumeRolePolicyDocument } = await roleView(
    role,
    identities,
  )
  return {
    Path,
    RoleName,
    RoleId,
    Arn,
    CreateDate,
    AssumeRolePolicyDocument,
    InstanceProfileList: [],
    RolePolicyList: inlineDetails(role.inline),
    AttachedManagedPolicies: role.attached.map(attachedPolicyView),
    ...boundaryView(role),
    Tags: tagsView(role.tags),
  }
}

export function policyDetail(policy: ManagedPolicy, use: PolicyUse): ManagedPolicyDetail {
  return {
    ...policyView(policy, use),
    ...(policy.description !== undefined && { Description: policy.description }),
    PolicyVersionList: policy.versions.map((version) => ({
      Document: encodedDocument(version.document),
      ...policyVersionView(policy, version),
    })),
  }
}

function inlineDetails(inline: readonly InlinePolicy[]): PolicyDetail[] {
  return inline.map(({ name, document }) => ({
    PolicyName: name,
    PolicyDocument: encodedDocument(document),
  }))
}
