// https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html
import {
  InvalidArnException,
  KMSInvalidStateException,
  NotFoundException,
  TagException,
} from '../errors.ts'
import { type Key, requireNotPendingDeletion } from '../keys/key.ts'
import { findKey, keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { KEY_ID, TAGS, TAGS_PER_KEY } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { readTags, type Tag } from '../tags/tag.ts'
import { kmsSchema, type TagResourceRequest } from '../wire.ts'

type Tagging = { readonly key: Key; readonly tags: readonly Tag[] }

export const TagResource: KmsChange<TagResourceRequest, object, Key, Tagging> = {
  schema: kmsSchema('TagResource'),
  limits: { KeyId: KEY_ID, Tags: TAGS },
  errors: [NotFoundException, InvalidArnException, KMSInvalidStateException, TagException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:TagResource', target, call, input)],
  usage: (_target, _input, call) => draw('TagResource', call),
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyId', 'Tags'], showOutput: keyInRecord },
  prepare(input, key) {
    requireNotPendingDeletion(key)
    return { key, tags: readTags(input.Tags) }
  },
  async apply({ key, tags: given }, tx, call) {
    const { keys, tags } = call.stores
    await keys.touch(tx, key)
    await tags.put(tx, key.id, given)
    if ((await tags.count(tx, key.id)) > TAGS_PER_KEY) throw TagException.tooMany()
    return {}
  },
}
