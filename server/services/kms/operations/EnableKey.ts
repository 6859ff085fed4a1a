// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html
import { InvalidArnException, KMSInvalidStateException, NotFoundException } from '../errors.ts'
import { type Key, requireEnableable, requireNotUpdating } from '../keys/key.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type EnableKeyRequest, kmsSchema } from '../wire.ts'

export const EnableKey: KmsChange<EnableKeyRequest, object, Key, Key> = {
  schema: kmsSchema('EnableKey'),
  limits: { KeyId: KEY_ID },
  errors: [NotFoundException, InvalidArnException, KMSInvalidStateException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:EnableKey', target, call, input)],
  usage: (_target, _input, call) => draw('EnableKey', call),
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyId'], showOutput: keyInRecord },
  prepare(_input, key) {
    requireNotUpdating(key)
    requireEnableable(key)
    return key
  },
  async apply(key, tx, call) {
    if (key.state !== 'Enabled') await call.stores.keys.setState(tx, key, 'Enabled')
    return {}
  },
}
