// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
// Both keys are `Updating` until `jobs/synchronize-keys.ts` has seen to it; cryptography goes on.
import { type Awaitable, after, Missing } from '../../../contract/operation.ts'
import {
  DisabledException,
  InvalidArnException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireUsable } from '../keys/key.ts'
import { keyArn } from '../keys/key-reference.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { isMultiRegion, requirePrimary, withPrimary } from '../keys/multi-region.ts'
import { KEY_ID, REGION } from '../limits.ts'
import type { KmsSpreadingChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type UpdatePrimaryRegionRequest } from '../wire.ts'

/** The key named, and the related key in the Region that is to be the primary one. */
type Target = { readonly key: Key; readonly next: Key | Missing }
type Prepared = { readonly key: Key; readonly next: Key }

export const UpdatePrimaryRegion: KmsSpreadingChange<
  UpdatePrimaryRegionRequest,
  object,
  Target,
  Prepared
> = {
  schema: kmsSchema('UpdatePrimaryRegion'),
  limits: { KeyId: KEY_ID, PrimaryRegion: REGION },
  errors: [
    DisabledException,
    InvalidArnException,
    KMSInvalidStateException,
    NotFoundException,
    UnsupportedOperationException,
  ],
  target: (input, call) =>
    after(findKey(input.KeyId, call, 'management'), (key): Awaitable<Target | Missing> => {
      if (key instanceof Missing) return key
      const { PrimaryRegion: region } = input
      const arn = keyArn({ account: key.account, region }, key.id)
      const missing = new Missing(arn, key.account, NotFoundException.key(arn))
      // A key of one Region has no related keys, whatever else bears its id.
      if (!isMultiRegion(key)) return { key, next: missing }
      return after(call.stores.inRegion(region).keys.find(key.id), (next) => ({
        key,
        next: next ?? missing,
      }))
    }),
  demands(target, input, call) {
    const action = 'kms:UpdatePrimaryRegion'
    if (target instanceof Missing) return [keyDemand(action, target, call, input)]
    const { key, next } = target
    const there = after(keyDemand(action, next, call, input), (demand) => ({
      ...demand,
      region: input.PrimaryRegion,
    }))
    return [keyDemand(action, key, call, input), there]
  },
  usage: (_target, _input, call) => draw('UpdatePrimaryRegion', call),
  resources: ({ key }) => keyResources(key),
  audit: { readOnly: false, show: ['KeyId', 'PrimaryRegion'], showOutput: keyInRecord },
  prepare({ PrimaryRegion: region }, { key, next }) {
    requireUsable(key)
    requirePrimary(key)
    if (region === key.region) throw UnsupportedOperationException.isPrimary(key.arn)
    if (next instanceof Missing) throw next.error
    requireUsable(next)
    return { key, next }
  },
  async apply({ key, next }, tx, call) {
    const { keys, related, inRegion } = call.stores
    const multiRegion = withPrimary(requirePrimary(key).multiRegion, next.region)
    const { onDemandSinceMs } = key.schedule
    // A rotation that somebody asked for is the primary key's to make.
    const schedule = { ...key.schedule, onDemandSinceMs: undefined }
    await keys.change(tx, key, { state: 'Updating', multiRegion, schedule })
    await inRegion(next.region).keys.change(tx, next, {
      state: 'Updating',
      multiRegion,
      schedule: { ...next.schedule, onDemandSinceMs },
    })
    const isThird = ({ region }: Key) => region !== next.region
    await related.change(tx, key, () => ({ multiRegion }), isThird)
    return {}
  },
  elsewhere: ({ next }, _output, { PrimaryRegion }) => ({
    region: next.region,
    operation: UpdatePrimaryRegion,
    input: { KeyId: next.arn, PrimaryRegion },
    output: {},
    resources: keyResources(next),
  }),
}
