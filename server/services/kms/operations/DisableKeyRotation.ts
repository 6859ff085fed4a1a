// https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html
import {
  DisabledException,
  InvalidArnException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireOrigin, requireRotatable, requireUsable } from '../keys/key.ts'
import { withRotation } from '../keys/key-schedule.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { requireNoReplica } from '../keys/multi-region.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type DisableKeyRotationRequest, kmsSchema } from '../wire.ts'

export const DisableKeyRotation: KmsChange<DisableKeyRotationRequest, object, Key, Key> = {
  schema: kmsSchema('DisableKeyRotation'),
  limits: { KeyId: KEY_ID },
  errors: [
    NotFoundException,
    InvalidArnException,
    DisabledException,
    KMSInvalidStateException,
    UnsupportedOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:DisableKeyRotation', target, call, input)],
  usage: (_target, _input, call) => draw('DisableKeyRotation', call),
  resources: keyResources,
  audit: {
    readOnly: false,
    show: ['KeyId'],
    showOutput: keyInRecord,
  },
  prepare(_input, key) {
    requireOrigin(key, 'AWS_KMS')
    requireUsable(key)
    requireRotatable(key)
    requireNoReplica(key)
    return key
  },
  async apply(key, tx, call) {
    if (key.schedule.rotation !== undefined) {
      const schedule = { ...key.schedule, rotation: undefined }
      await call.stores.keys.change(tx, key, { schedule })
      await call.stores.related.change(tx, key, withRotation(undefined))
    }
    return {}
  },
}
