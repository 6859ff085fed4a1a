// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html
import { InvalidArnException, KMSInvalidStateException, NotFoundException } from '../errors.ts'
import { type Key, requireNotPendingDeletion } from '../keys/key.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { DESCRIPTION, KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type UpdateKeyDescriptionRequest } from '../wire.ts'

type Description = { readonly key: Key; readonly description: string }

export const UpdateKeyDescription: KmsChange<
  UpdateKeyDescriptionRequest,
  object,
  Key,
  Description
> = {
  schema: kmsSchema('UpdateKeyDescription'),
  limits: { KeyId: KEY_ID, Description: DESCRIPTION },
  errors: [NotFoundException, InvalidArnException, KMSInvalidStateException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:UpdateKeyDescription', target, call, input)],
  usage: (_target, _input, call) => draw('UpdateKeyDescription', call),
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyId', 'Description'], showOutput: keyInRecord },
  prepare(input, key) {
    requireNotPendingDeletion(key)
    return { key, description: input.Description }
  },
  async apply({ key, description }, tx, call) {
    if (description !== key.description) await call.stores.keys.change(tx, key, { description })
    return {}
  },
}
