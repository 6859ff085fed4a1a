// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
import type { ManagedPolicy } from '../entities/entity.ts'
import { newEntityId } from '../entities/unique-id.ts'
import { policyView } from '../entities/views.ts'
import {
  CHANGE_ERRORS,
  EntityAlreadyExistsException,
  LimitExceededException,
  MalformedPolicyDocumentException,
} from '../errors.ts'
import { DESCRIPTION, NAME, PATH, POLICY_DOCUMENT, QUOTAS, TAGS } from '../limits.ts'
import { requireName } from '../names.ts'
import { newEntityDemands } from '../new-entity.ts'
import { changes, type IamChange } from '../operation.ts'
import { requireManagedDocument } from '../policies/documents.ts'
import { readTags, tagsView } from '../tags.ts'
import type { CreatePolicyRequest, CreatePolicyResponse } from '../wire.ts'

export const CreatePolicy: IamChange<
  CreatePolicyRequest,
  CreatePolicyResponse,
  'account',
  ManagedPolicy
> = {
  ...changes<CreatePolicyRequest, CreatePolicyResponse>('CreatePolicy'),
  limits: {
    PolicyName: NAME,
    Path: PATH,
    PolicyDocument: POLICY_DOCUMENT,
    Description: DESCRIPTION,
    Tags: TAGS,
  },
  errors: [...CHANGE_ERRORS, EntityAlreadyExistsException, MalformedPolicyDocumentException],
  target(input) {
    requireName('policyName', input.PolicyName)
    return 'account'
  },
  demands: (_target, input, call) =>
    newEntityDemands('policy', input.PolicyName, { Path: input.Path, Tags: input.Tags }, call),
  prepare(input, _target, call) {
    requireManagedDocument(input.PolicyDocument)
    return {
      kind: 'policy',
      account: call.account,
      id: newEntityId('policy'),
      name: input.PolicyName,
      path: input.Path ?? '/',
      version: 1,
      createdAtMs: call.nowMs,
      updatedAtMs: call.nowMs,
      description: input.Description,
      tags: readTags(input.Tags),
      versions: [{ number: 1, document: input.PolicyDocument, createdAtMs: call.nowMs }],
      defaultNumber: 1,
      lastNumber: 1,
    }
  },
  async apply(policy, tx, call) {
    const { entities } = call.stores
    if (!(await entities.insert(tx, policy))) {
      throw EntityAlreadyExistsException.named('policy', policy.name)
    }
    if ((await entities.count(tx, 'policy')) > QUOTAS.policies) {
      throw LimitExceededException.quota('PoliciesPerAccount', QUOTAS.policies)
    }
    const view = policyView(policy, { attachments: 0, boundaries: 0 })
    return { Policy: policy.tags.length === 0 ? view : { ...view, Tags: tagsView(policy.tags) } }
  },
}
