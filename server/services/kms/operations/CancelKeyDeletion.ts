// https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
import { InvalidArnException, KMSInvalidStateException, NotFoundException } from '../errors.ts'
import { isPendingDeletion, type Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  type CancelKeyDeletionRequest,
  type CancelKeyDeletionResponse,
  kmsSchema,
} from '../wire.ts'

export const CancelKeyDeletion: KmsChange<
  CancelKeyDeletionRequest,
  CancelKeyDeletionResponse,
  Key,
  Key
> = {
  schema: kmsSchema('CancelKeyDeletion'),
  limits: { KeyId: KEY_ID },
  errors: [NotFoundException, InvalidArnException, KMSInvalidStateException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:CancelKeyDeletion', target, call, input)],
  usage: (_target, _input, call) => draw('CancelKeyDeletion', call),
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyId'], showOutput: ['KeyId'] },
  prepare(_input, key) {
    if (!isPendingDeletion(key)) throw KMSInvalidStateException.notPendingDeletion(key.arn)
    return key
  },
  async apply(key, tx, call) {
    // Disabled, whatever it was before: who wants it back shall say so.
    const isComplete = key.origin === 'AWS_KMS' || key.imported !== undefined
    await call.stores.keys.change(tx, key, {
      state: isComplete ? 'Disabled' : 'PendingImport',
      schedule: { ...key.schedule, deletesAtMs: undefined, windowDays: undefined },
    })
    return { KeyId: key.arn }
  },
}
