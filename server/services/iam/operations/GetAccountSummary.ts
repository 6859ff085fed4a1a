// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
import { identityDemand } from '../../../contract/demand.ts'
import { ROOT } from '../access-key-directory.ts'
import { QUOTAS } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import type { GetAccountSummaryResponse } from '../wire.ts'

export const GetAccountSummary: IamReading<object, GetAccountSummaryResponse, 'account'> = {
  ...reads<object, GetAccountSummaryResponse>('GetAccountSummary'),
  limits: {},
  errors: [],
  target: () => 'account',
  demands: (_target, _input, call) => [identityDemand('iam:GetAccountSummary', '*', call.account)],
  async handle(_input, _target, call) {
    const { entities, accessKeys } = call.stores
    const [counts, rootKeys] = await Promise.all([entities.listCounts(), accessKeys.list(ROOT)])
    return {
      SummaryMap: {
        Users: counts.get('user') ?? 0,
        UsersQuota: QUOTAS.users,
        Groups: counts.get('group') ?? 0,
        GroupsQuota: QUOTAS.groups,
        Roles: counts.get('role') ?? 0,
        RolesQuota: QUOTAS.roles,
        Policies: counts.get('policy') ?? 0,
        PoliciesQuota: QUOTAS.policies,
        PolicySizeQuota: QUOTAS.policySize,
        VersionsPerPolicyQuota: QUOTAS.versionsPerPolicy,
        AccessKeysPerUserQuota: QUOTAS.accessKeysPerUser,
        GroupsPerUserQuota: QUOTAS.groupsPerUser,
        AttachedPoliciesPerUserQuota: QUOTAS.attachedPolicies,
        AttachedPoliciesPerGroupQuota: QUOTAS.attachedPolicies,
        AttachedPoliciesPerRoleQuota: QUOTAS.attachedPolicies,
        UserPolicySizeQuota: QUOTAS.inlineSize.user,
        GroupPolicySizeQuota: QUOTAS.inlineSize.group,
        RolePolicySizeQuota: QUOTAS.inlineSize.role,
        AssumeRolePolicySizeQuota: QUOTAS.trustPolicySize,
        AccountAccessKeysPresent: rootKeys.length > 0 ? 1 : 0,
      },
    }
  },
}
