// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
import { InvalidArnException, NotFoundException } from '../errors.ts'
import { isPendingDeletion, type Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  type GetKeyRotationStatusRequest,
  type GetKeyRotationStatusResponse,
  kmsSchema,
} from '../wire.ts'

export const GetKeyRotationStatus: KmsReading<
  GetKeyRotationStatusRequest,
  GetKeyRotationStatusResponse,
  Key
> = {
  schema: kmsSchema('GetKeyRotationStatus'),
  limits: { KeyId: KEY_ID },
  errors: [NotFoundException, InvalidArnException],
  target: (input, call) => findKey(input.KeyId, call, 'shared-management'),
  demands: (target, input, call) => [keyDemand('kms:GetKeyRotationStatus', target, call, input)],
  usage: (_target, _input, call) => draw('GetKeyRotationStatus', call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId'], showOutput: [] },
  handle(_input, key) {
    const { rotation, onDemandSinceMs } = key.schedule
    // A key pending deletion does not rotate, but does again when its deletion is cancelled.
    const rotates = isPendingDeletion(key) ? undefined : rotation
    return {
      KeyRotationEnabled: rotates !== undefined,
      KeyId: key.arn,
      ...(rotates && {
        RotationPeriodInDays: rotates.periodDays,
        NextRotationDate: new Date(rotates.nextAtMs),
      }),
      ...(onDemandSinceMs !== undefined && {
        OnDemandRotationStartDate: new Date(onDemandSinceMs),
      }),
    }
  },
}
