// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
import type { ManagedPolicy, PolicyVersion } from '../entities/entity.ts'
import { policyVersionView } from '../entities/views.ts'
import {
  CHANGE_ERRORS,
  LimitExceededException,
  MalformedPolicyDocumentException,
} from '../errors.ts'
import { ARN, POLICY_DOCUMENT, QUOTAS } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { requireManagedDocument } from '../policies/documents.ts'
import { entityDemand, findPolicy, requireOwn } from '../targets.ts'
import type { CreatePolicyVersionRequest, CreatePolicyVersionResponse } from '../wire.ts'

type NewVersion = {
  readonly policy: ManagedPolicy
  readonly version: PolicyVersion
  readonly isDefault: boolean
}

export const CreatePolicyVersion: IamChange<
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  ManagedPolicy,
  NewVersion
> = {
  ...changes<CreatePolicyVersionRequest, CreatePolicyVersionResponse>('CreatePolicyVersion'),
  limits: { PolicyArn: ARN, PolicyDocument: POLICY_DOCUMENT },
  errors: [...CHANGE_ERRORS, MalformedPolicyDocumentException],
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:CreatePolicyVersion', policy, call)],
  prepare({ PolicyDocument: document, SetAsDefault }, policy, call) {
    requireOwn(policy, call)
    requireManagedDocument(document)
    if (policy.versions.length >= QUOTAS.versionsPerPolicy) {
      throw LimitExceededException.versions(QUOTAS.versionsPerPolicy)
    }
    const version = { number: policy.lastNumber + 1, document, createdAtMs: call.nowMs }
    return { policy, version, isDefault: SetAsDefault === true }
  },
  async apply({ policy, version, isDefault }, tx, call) {
    const change = {
      versions: [...policy.versions, version],
      lastNumber: version.number,
      updatedAtMs: call.nowMs,
      ...(isDefault && { defaultNumber: version.number }),
    }
    await call.stores.entities.change(tx, policy, change)
    return { PolicyVersion: policyVersionView({ ...policy, ...change }, version) }
  },
}
