// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
import { InvalidArnException, InvalidMarkerException, NotFoundException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { KEY_ID, MARKER, PAGE_LIMIT, TAGS_PER_KEY } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { findPlace, pageOf } from '../pages.ts'
import { draw } from '../request-quotas.ts'
import { isTagKey } from '../tags/tag.ts'
import { kmsSchema, type ListResourceTagsRequest, type ListResourceTagsResponse } from '../wire.ts'

export const ListResourceTags: KmsReading<ListResourceTagsRequest, ListResourceTagsResponse, Key> =
  {
    schema: kmsSchema('ListResourceTags'),
    limits: { KeyId: KEY_ID, Limit: PAGE_LIMIT, Marker: MARKER },
    errors: [NotFoundException, InvalidArnException, InvalidMarkerException],
    target: (input, call) => findKey(input.KeyId, call, 'management'),
    demands: (target, input, call) => [keyDemand('kms:ListResourceTags', target, call, input)],
    usage: (_target, _input, call) => draw('ListResourceTags', call),
    resources: keyResources,
    audit: { readOnly: true, show: ['KeyId', 'Limit', 'Marker'], showOutput: [] },
    async handle(input, key, call) {
      // A page is as long as a key can have tags.
      const limit = Math.min(input.Limit ?? TAGS_PER_KEY, TAGS_PER_KEY)
      const place = input.Marker === undefined ? undefined : findPlace(input.Marker, isTagKey)
      if (input.Marker !== undefined && place === undefined) throw new InvalidMarkerException()
      const found = await call.stores.tags.list(key.id, place, limit + 1)
      const { entries, paging } = pageOf(found, limit, (tag) => tag.key)
      return {
        Tags: entries.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })),
        ...paging,
      }
    },
  }
