// A tag of a key, and what tags may be. https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
import { TagException } from '../errors.ts'
import { TAGS_PER_KEY } from '../limits.ts'
import type { Tag as WireTag } from '../wire.ts'

export type Tag = { readonly key: string; readonly value: string }

const RESERVED_PREFIX = 'aws:'
/** Letters, spaces and digits of any script, and a few marks: AWS's `UnicodeLetters`. */
const UNICODE_LETTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** Whether a tag can have this key; its length is the validation's business. */
export function isTagKey(text: string): boolean {
  return text.length > 0 && UNICODE_LETTERS.test(text)
}

/** The tags of a request, checked: throws where a key may not be tagged so. */
export function readTags(given: readonly WireTag[]): readonly Tag[] {
  // The validation has seen that neither is missing.
  const tags = given.map(({ TagKey, TagValue }) => ({
    key: TagKey as string,
    value: TagValue as string,
  }))
  if (new Set(tags.map(({ key }) => key)).size < tags.length) throw TagException.duplicateKeys()
  if (tags.length > TAGS_PER_KEY) throw TagException.tooMany()
  for (const { key, value } of tags) {
    requireUnreserved(key)
    if (!isTagKey(key) || !UNICODE_LETTERS.test(value)) throw TagException.invalid()
  }
  return tags
}

/** The keys of tags to remove, checked. */
export function readTagKeys(given: readonly string[]): readonly string[] {
  const keys = [...new Set(given)]
  for (const key of keys) {
    requireUnreserved(key)
    if (!isTagKey(key)) throw TagException.invalid()
  }
  return keys
}

function requireUnreserved(key: string): void {
  if (key.toLowerCase().startsWith(RESERVED_PREFIX)) throw TagException.reserved()
}
