// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
import type { ManagedPolicy } from '../entities/entity.ts'
import { wholePolicyView } from '../entities/views.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { ARN } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { policyUses } from '../policies/uses.ts'
import { entityDemand, findPolicy } from '../targets.ts'
import type { GetPolicyRequest, GetPolicyResponse } from '../wire.ts'

export const GetPolicy: IamReading<GetPolicyRequest, GetPolicyResponse, ManagedPolicy> = {
  ...reads<GetPolicyRequest, GetPolicyResponse>('GetPolicy'),
  limits: { PolicyArn: ARN },
  errors: [NoSuchEntityException, InvalidInputException],
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:GetPolicy', policy, call)],
  async handle(_input, policy, call) {
    const useOf = await policyUses(call.stores.entities)
    return { Policy: wholePolicyView(policy, useOf(policy)) }
  },
}
