// https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
// Only asks for the rotation: `jobs/rotate-keys.ts` makes it, within seconds.
import {
  ConflictException,
  DisabledException,
  InvalidArnException,
  KMSInvalidStateException,
  LimitExceededException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireRotatable, requireUsable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { requireNoReplica } from '../keys/multi-region.ts'
import { KEY_ID } from '../limits.ts'
import { findRotatable } from '../material/related-imports.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  kmsSchema,
  type RotateKeyOnDemandRequest,
  type RotateKeyOnDemandResponse,
} from '../wire.ts'

const MAX_ON_DEMAND_ROTATIONS = 25
const AUTOMATIC_ROTATION_NEAR_MS = 20 * 60_000

export const RotateKeyOnDemand: KmsChange<
  RotateKeyOnDemandRequest,
  RotateKeyOnDemandResponse,
  Key,
  Key
> = {
  schema: kmsSchema('RotateKeyOnDemand'),
  limits: { KeyId: KEY_ID },
  errors: [
    NotFoundException,
    InvalidArnException,
    DisabledException,
    KMSInvalidStateException,
    LimitExceededException,
    ConflictException,
    UnsupportedOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:RotateKeyOnDemand', target, call, input)],
  usage: (_target, _input, call) => draw('RotateKeyOnDemand', call),
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyId'], showOutput: ['KeyId'] },
  async prepare(_input, key, call) {
    requireUsable(key)
    requireRotatable(key)
    requireNoReplica(key)
    const { rotation, onDemandSinceMs } = key.schedule
    // Measured: asking again while a rotation is under way succeeds, and is no further rotation.
    if (onDemandSinceMs !== undefined) return key
    if (key.origin === 'EXTERNAL') {
      const { importedMaterials: store } = call.stores
      const copies = (id: string, regions: readonly string[]) => store.copies(key, id, regions)
      const materials = await store.list(key)
      if ((await findRotatable(key, materials, call.nowMs, copies)) === undefined) {
        throw KMSInvalidStateException.nothingToRotate(key.arn)
      }
    }
    if ((await call.stores.rotations.countOnDemand(key)) >= MAX_ON_DEMAND_ROTATIONS) {
      throw LimitExceededException.onDemandRotations(key.arn, MAX_ON_DEMAND_ROTATIONS)
    }
    if (rotation && rotation.nextAtMs <= call.nowMs + AUTOMATIC_ROTATION_NEAR_MS) {
      throw new ConflictException()
    }
    return key
  },
  async apply(key, tx, call) {
    if (key.schedule.onDemandSinceMs === undefined) {
      const schedule = { ...key.schedule, onDemandSinceMs: call.nowMs }
      await call.stores.keys.change(tx, key, { schedule })
    }
    return { KeyId: key.arn }
  },
}
