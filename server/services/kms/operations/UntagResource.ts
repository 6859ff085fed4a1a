// https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html
import {
  InvalidArnException,
  KMSInvalidStateException,
  NotFoundException,
  TagException,
} from '../errors.ts'
import { type Key, requireNotPendingDeletion } from '../keys/key.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { KEY_ID, TAG_KEYS } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { readTagKeys } from '../tags/tag.ts'
import { kmsSchema, type UntagResourceRequest } from '../wire.ts'

type Untagging = { readonly key: Key; readonly tagKeys: readonly string[] }

export const UntagResource: KmsChange<UntagResourceRequest, object, Key, Untagging> = {
  schema: kmsSchema('UntagResource'),
  limits: { KeyId: KEY_ID, TagKeys: TAG_KEYS },
  errors: [NotFoundException, InvalidArnException, KMSInvalidStateException, TagException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:UntagResource', target, call, input)],
  usage: (_target, _input, call) => draw('UntagResource', call),
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyId', 'TagKeys'], showOutput: keyInRecord },
  prepare(input, key) {
    requireNotPendingDeletion(key)
    return { key, tagKeys: readTagKeys(input.TagKeys) }
  },
  async apply({ key, tagKeys }, tx, call) {
    await call.stores.keys.touch(tx, key)
    await call.stores.tags.remove(tx, key.id, tagKeys)
    return {}
  },
}
