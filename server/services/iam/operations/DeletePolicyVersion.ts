// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html
import type { ManagedPolicy, PolicyVersion } from '../entities/entity.ts'
import { CHANGE_ERRORS, DeleteConflictException } from '../errors.ts'
import { ARN, VERSION_ID } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { getVersion } from '../policies/versions.ts'
import { entityDemand, findPolicy, requireOwn } from '../targets.ts'
import type { DeletePolicyVersionRequest } from '../wire.ts'

type Change = { readonly policy: ManagedPolicy; readonly versions: readonly PolicyVersion[] }

export const DeletePolicyVersion: IamChange<
  DeletePolicyVersionRequest,
  object,
  ManagedPolicy,
  Change
> = {
  ...changes<DeletePolicyVersionRequest, object>('DeletePolicyVersion'),
  limits: { PolicyArn: ARN, VersionId: VERSION_ID },
  errors: [...CHANGE_ERRORS, DeleteConflictException],
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:DeletePolicyVersion', policy, call)],
  prepare({ VersionId }, policy, call) {
    requireOwn(policy, call)
    const { number: gone } = getVersion(policy, VersionId)
    if (gone === policy.defaultNumber) throw DeleteConflictException.defaultVersion()
    return { policy, versions: policy.versions.filter(({ number }) => number !== gone) }
  },
  async apply({ policy, versions }, tx, call) {
    await call.stores.entities.change(tx, policy, { versions })
    return {}
  },
}
