// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
import { entityArn, type ManagedPolicy } from '../entities/entity.ts'
import { CHANGE_ERRORS, DeleteConflictException } from '../errors.ts'
import { ARN } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { entityDemand, findPolicy, requireOwn } from '../targets.ts'
import type { DeletePolicyRequest } from '../wire.ts'

export const DeletePolicy: IamChange<DeletePolicyRequest, object, ManagedPolicy, ManagedPolicy> = {
  ...changes<DeletePolicyRequest, object>('DeletePolicy'),
  limits: { PolicyArn: ARN },
  errors: [...CHANGE_ERRORS, DeleteConflictException],
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:DeletePolicy', policy, call)],
  prepare(_input, policy, call) {
    requireOwn(policy, call)
    if (policy.versions.length > 1) throw DeleteConflictException.versions()
    return policy
  },
  async apply(policy, tx, call) {
    const { entities } = call.stores
    await entities.delete(tx, policy)
    const arn = entityArn('policy', policy)
    const holders =
      (await entities.countHolders(tx, 'policy', arn)) +
      (await entities.countHolders(tx, 'boundary', arn))
    if (holders > 0) throw DeleteConflictException.attached()
    return {}
  },
}
