// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
import { InvalidArnException, KMSInvalidStateException, NotFoundException } from '../errors.ts'
import { type Key, requireEnableable, requireNotUpdating } from '../keys/key.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type RestingKey, resting, restOf } from '../usage/noted.ts'
import { type DisableKeyRequest, kmsSchema } from '../wire.ts'

export const DisableKey: KmsChange<DisableKeyRequest, object, RestingKey, Key> = {
  schema: kmsSchema('DisableKey'),
  limits: { KeyId: KEY_ID },
  errors: [NotFoundException, InvalidArnException, KMSInvalidStateException],
  target: (input, call) => resting(findKey(input.KeyId, call, 'management'), call),
  demands: (target, input, call) => [
    keyDemand('kms:DisableKey', target, call, { ...input, ...restOf(target) }),
  ],
  usage: (_target, _input, call) => draw('DisableKey', call),
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyId'], showOutput: keyInRecord },
  prepare(_input, key) {
    requireNotUpdating(key)
    requireEnableable(key)
    return key
  },
  async apply(key, tx, call) {
    if (key.state !== 'Disabled') await call.stores.keys.setState(tx, key, 'Disabled')
    return {}
  },
}
