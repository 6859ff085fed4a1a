// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
import { identityDemand } from '../../../contract/demand.ts'
import { oneOf } from '../../../schema/limits.ts'
import { entityArn } from '../entities/entity.ts'
import { type PolicyUse, policyView } from '../entities/views.ts'
import { PAGE, PATH_PREFIX, QUOTAS } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOfAll } from '../pages.ts'
import { AWS_POLICIES } from '../policies/aws-managed.ts'
import { policyUses } from '../policies/uses.ts'
import type { ListPoliciesRequest, ListPoliciesResponse } from '../wire.ts'

export const ListPolicies: IamReading<ListPoliciesRequest, ListPoliciesResponse, 'account'> = {
  ...reads<ListPoliciesRequest, ListPoliciesResponse>('ListPolicies'),
  limits: {
    Scope: oneOf({ All: 'All', AWS: 'AWS', Local: 'Local' }),
    PathPrefix: PATH_PREFIX,
    PolicyUsageFilter: oneOf({ Policy: 'PermissionsPolicy', Boundary: 'PermissionsBoundary' }),
    ...PAGE,
  },
  errors: [],
  target: () => 'account',
  demands: (_target, _input, call) => [identityDemand('iam:ListPolicies', '*', call.account)],
  async handle(input, _target, call) {
    const { entities } = call.stores
    const { PathPrefix: pathPrefix = '/', Scope: scope = 'All' } = input
    const everything = { pathPrefix, after: undefined, limit: QUOTAS.policies }
    const own = scope === 'AWS' ? [] : await entities.list('policy', everything)
    const aws = scope === 'Local' ? [] : AWS_POLICIES
    const useOf = await policyUses(entities)
    const listed = [...own, ...aws].filter(
      (policy) => policy.path.startsWith(pathPrefix) && isAsked(input, useOf(policy)),
    )
    const { entries, paging } = pageOfAll(listed, input, (policy) => entityArn('policy', policy))
    return { Policies: entries.map((policy) => policyView(policy, useOf(policy))), ...paging }
  },
}

function isAsked(
  { OnlyAttached, PolicyUsageFilter }: ListPoliciesRequest,
  { attachments, boundaries }: PolicyUse,
): boolean {
  if (PolicyUsageFilter === 'PermissionsPolicy' && attachments === 0) return false
  if (PolicyUsageFilter === 'PermissionsBoundary' && boundaries === 0) return false
  return OnlyAttached !== true || attachments > 0
}
