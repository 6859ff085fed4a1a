// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
import { InvalidArnException, NotFoundException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { shownKeyPolicy } from '../keys/new-key-policy.ts'
import { DEFAULT_POLICY_NAME, KEY_ID, POLICY_NAME } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type GetKeyPolicyRequest, type GetKeyPolicyResponse, kmsSchema } from '../wire.ts'

export const GetKeyPolicy: KmsReading<GetKeyPolicyRequest, GetKeyPolicyResponse, Key> = {
  schema: kmsSchema('GetKeyPolicy'),
  limits: { KeyId: KEY_ID, PolicyName: POLICY_NAME },
  errors: [NotFoundException, InvalidArnException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:GetKeyPolicy', target, call, input)],
  usage: (_target, _input, call) => draw('GetKeyPolicy', call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId', 'PolicyName'], showOutput: [] },
  async handle(input, key, call) {
    const name = input.PolicyName ?? DEFAULT_POLICY_NAME
    if (name !== DEFAULT_POLICY_NAME) throw NotFoundException.policy()
    return { Policy: await shownKeyPolicy(key, call.stores.principals), PolicyName: name }
  },
}
