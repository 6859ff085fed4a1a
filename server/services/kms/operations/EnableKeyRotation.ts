// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
import { range } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidArnException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireOrigin, requireRotatable, requireUsable } from '../keys/key.ts'
import { daysAfter, type KeyRotation, withRotation } from '../keys/key-schedule.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { requireNoReplica } from '../keys/multi-region.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type EnableKeyRotationRequest, kmsSchema } from '../wire.ts'

const DEFAULT_PERIOD_DAYS = 365

type Prepared = { readonly key: Key; readonly rotation: KeyRotation }

export const EnableKeyRotation: KmsChange<EnableKeyRotationRequest, object, Key, Prepared> = {
  schema: kmsSchema('EnableKeyRotation'),
  limits: { KeyId: KEY_ID, RotationPeriodInDays: range(90, 2560) },
  errors: [
    NotFoundException,
    InvalidArnException,
    DisabledException,
    KMSInvalidStateException,
    UnsupportedOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:EnableKeyRotation', target, call, input)],
  usage: (_target, _input, call) => draw('EnableKeyRotation', call),
  resources: keyResources,
  audit: {
    readOnly: false,
    show: ['KeyId', 'RotationPeriodInDays'],
    showOutput: keyInRecord,
  },
  prepare(input, key, call) {
    requireOrigin(key, 'AWS_KMS')
    requireUsable(key)
    requireRotatable(key)
    requireNoReplica(key)
    const { rotation } = key.schedule
    // Measured: without a period a key that rotates keeps its own, and the same period keeps its date.
    const periodDays = input.RotationPeriodInDays ?? rotation?.periodDays ?? DEFAULT_PERIOD_DAYS
    if (rotation?.periodDays === periodDays) return { key, rotation }
    return { key, rotation: { periodDays, nextAtMs: daysAfter(call.nowMs, periodDays) } }
  },
  async apply({ key, rotation }, tx, call) {
    if (rotation !== key.schedule.rotation) {
      await call.stores.keys.change(tx, key, { schedule: { ...key.schedule, rotation } })
      await call.stores.related.change(tx, key, withRotation(rotation))
    }
    return {}
  },
}
