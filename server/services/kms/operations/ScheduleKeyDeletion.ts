// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
import { ValidationException } from '../../../contract/errors.ts'
import { range } from '../../../schema/limits.ts'
import { InvalidArnException, KMSInvalidStateException, NotFoundException } from '../errors.ts'
import { type Key, requireNotPendingDeletion, requireNotUpdating } from '../keys/key.ts'
import { daysAfter } from '../keys/key-schedule.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { hasReplicas } from '../keys/multi-region.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type RestingKey, resting, restOf } from '../usage/noted.ts'
import {
  kmsSchema,
  type ScheduleKeyDeletionRequest,
  type ScheduleKeyDeletionResponse,
} from '../wire.ts'

const LONGEST_WINDOW_DAYS = 30
const SHORTEST_WINDOW_DAYS = 7

type Prepared = { readonly key: Key; readonly windowDays: number }

export const ScheduleKeyDeletion: KmsChange<
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  RestingKey,
  Prepared
> = {
  schema: kmsSchema('ScheduleKeyDeletion'),
  limits: { KeyId: KEY_ID, PendingWindowInDays: range(1, 365) },
  errors: [NotFoundException, InvalidArnException, KMSInvalidStateException],
  target(input, call) {
    windowDays(input)
    return resting(findKey(input.KeyId, call, 'management'), call)
  },
  demands: (target, input, call) => [
    keyDemand('kms:ScheduleKeyDeletion', target, call, { ...input, ...restOf(target) }),
  ],
  usage: (_target, _input, call) => draw('ScheduleKeyDeletion', call),
  resources: keyResources,
  audit: {
    readOnly: false,
    show: ['KeyId', 'PendingWindowInDays'],
    showOutput: ['KeyId', 'KeyState', 'DeletionDate', 'PendingWindowInDays'],
  },
  prepare(input, key) {
    requireNotUpdating(key)
    requireNotPendingDeletion(key)
    return { key, windowDays: windowDays(input) }
  },
  async apply({ key, windowDays }, tx, call) {
    if (hasReplicas(key)) {
      const schedule = { ...key.schedule, windowDays }
      await call.stores.keys.change(tx, key, { state: 'PendingReplicaDeletion', schedule })
      // No date yet: the waiting period begins when the last replica is deleted.
      return { KeyId: key.arn, KeyState: 'PendingReplicaDeletion', PendingWindowInDays: windowDays }
    }
    const deletesAtMs = daysAfter(call.nowMs, windowDays)
    await call.stores.keys.change(tx, key, {
      state: 'PendingDeletion',
      schedule: { ...key.schedule, deletesAtMs },
    })
    return {
      KeyId: key.arn,
      DeletionDate: new Date(deletesAtMs),
      KeyState: 'PendingDeletion',
      PendingWindowInDays: windowDays,
    }
  },
}

/** AWS's model takes 1 to 365 days, its service 7 to 30. */
function windowDays({ PendingWindowInDays: days }: ScheduleKeyDeletionRequest): number {
  if (days === undefined) return LONGEST_WINDOW_DAYS
  if (days < SHORTEST_WINDOW_DAYS || days > LONGEST_WINDOW_DAYS) {
    throw new ValidationException('PendingWindowInDays must be between 7 and 30')
  }
  return days
}
