// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
import type { ManagedPolicy } from '../entities/entity.ts'
import { CHANGE_ERRORS } from '../errors.ts'
import { ARN, VERSION_ID } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { getVersion } from '../policies/versions.ts'
import { entityDemand, findPolicy, requireOwn } from '../targets.ts'
import type { SetDefaultPolicyVersionRequest } from '../wire.ts'

type Change = { readonly policy: ManagedPolicy; readonly defaultNumber: number }

export const SetDefaultPolicyVersion: IamChange<
  SetDefaultPolicyVersionRequest,
  object,
  ManagedPolicy,
  Change
> = {
  ...changes<SetDefaultPolicyVersionRequest, object>('SetDefaultPolicyVersion'),
  limits: { PolicyArn: ARN, VersionId: VERSION_ID },
  errors: CHANGE_ERRORS,
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:SetDefaultPolicyVersion', policy, call)],
  prepare({ VersionId }, policy, call) {
    requireOwn(policy, call)
    return { policy, defaultNumber: getVersion(policy, VersionId).number }
  },
  async apply({ policy, defaultNumber }, tx, call) {
    await call.stores.entities.change(tx, policy, { defaultNumber, updatedAtMs: call.nowMs })
    return {}
  },
}
