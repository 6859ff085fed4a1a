// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html
import type { ManagedPolicy } from '../entities/entity.ts'
import { policyVersionView } from '../entities/views.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { ARN, PAGE } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOfAll } from '../pages.ts'
import { entityDemand, findPolicy } from '../targets.ts'
import type { ListPolicyVersionsRequest, ListPolicyVersionsResponse } from '../wire.ts'

export const ListPolicyVersions: IamReading<
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  ManagedPolicy
> = {
  ...reads<ListPolicyVersionsRequest, ListPolicyVersionsResponse>('ListPolicyVersions'),
  limits: { PolicyArn: ARN, ...PAGE },
  errors: [NoSuchEntityException, InvalidInputException],
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:ListPolicyVersions', policy, call)],
  handle(input, policy) {
    const { entries, paging } = pageOfAll(policy.versions, input, ({ number }) =>
      newestFirst(number),
    )
    return { Versions: entries.map((version) => policyVersionView(policy, version)), ...paging }
  },
}

/** A text by which the newest version comes first. */
function newestFirst(number: number): string {
  return String(Number.MAX_SAFE_INTEGER - number).padStart(16, '0')
}
