// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
import { InvalidArnException, NotFoundException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { KEY_ID } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type GetKeyLastUsageRequest, type GetKeyLastUsageResponse, kmsSchema } from '../wire.ts'

export const GetKeyLastUsage: KmsReading<GetKeyLastUsageRequest, GetKeyLastUsageResponse, Key> = {
  schema: kmsSchema('GetKeyLastUsage'),
  limits: { KeyId: KEY_ID },
  errors: [NotFoundException, InvalidArnException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:GetKeyLastUsage', target, call, input)],
  usage: (_target, _input, call) => draw('GetKeyLastUsage', call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId'], showOutput: [] },
  async handle(_input, key, call) {
    const use = await call.stores.keyUsage.find(key)
    const createdAt = new Date(key.createdAtMs)
    return {
      // The bare id, unlike most answers of KMS.
      KeyId: key.id,
      KeyLastUsage:
        use === undefined
          ? {}
          : {
              Operation: use.operation,
              Timestamp: new Date(use.atMs),
              CloudTrailEventId: use.eventId,
              KmsRequestId: use.requestId,
            },
      // Every release of this server tracks, so each key has been tracked since it was made.
      TrackingStartDate: createdAt,
      KeyCreationDate: createdAt,
    }
  },
}
