// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
import {
  InvalidArnException,
  LimitExceededException,
  MalformedPolicyDocumentException,
  NotFoundException,
} from '../errors.ts'
import type { Key } from '../keys/key.ts'
import type { KeyPolicy } from '../keys/key-policy.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { readNewKeyPolicy } from '../keys/new-key-policy.ts'
import { DEFAULT_POLICY_NAME, KEY_ID, POLICY, POLICY_NAME } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type PutKeyPolicyRequest } from '../wire.ts'

type Prepared = { readonly key: Key; readonly policy: KeyPolicy }

export const PutKeyPolicy: KmsChange<PutKeyPolicyRequest, object, Key, Prepared> = {
  schema: kmsSchema('PutKeyPolicy'),
  limits: { KeyId: KEY_ID, PolicyName: POLICY_NAME, Policy: POLICY },
  errors: [
    NotFoundException,
    InvalidArnException,
    MalformedPolicyDocumentException,
    LimitExceededException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:PutKeyPolicy', target, call, input)],
  usage: (_target, _input, call) => draw('PutKeyPolicy', call),
  resources: keyResources,
  audit: {
    readOnly: false,
    show: ['KeyId', 'PolicyName', 'Policy', 'BypassPolicyLockoutSafetyCheck'],
    showOutput: keyInRecord,
  },
  async prepare(input, key, call) {
    if ((input.PolicyName ?? DEFAULT_POLICY_NAME) !== DEFAULT_POLICY_NAME) {
      throw NotFoundException.policy()
    }
    return { key, policy: await readNewKeyPolicy(input.Policy, key, input, call) }
  },
  async apply({ key, policy }, tx, call) {
    await call.stores.keys.change(tx, key, policy)
    return {}
  },
}
