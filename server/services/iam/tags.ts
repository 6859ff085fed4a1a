// Tags of users, roles and policies: what they may be, and the condition keys that follow.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
import type { ContextValue } from '../../policy/context.ts'
import type { Tag } from './entities/entity.ts'
import { InvalidInputException, LimitExceededException } from './errors.ts'
import { MAX_TAGS } from './limits.ts'
import type { Tag as WireTag } from './wire.ts'

/** The tags of a request, checked. */
export function readTags(given: readonly WireTag[] | undefined): readonly Tag[] {
  const tags = (given ?? []).map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' }))
  requireTagKeys(tags.map(({ key }) => key))
  return tags
}

/** Throws where one is given twice, or is AWS's. */
export function requireTagKeys(keys: readonly string[]): void {
  if (new Set(keys.map((key) => key.toLowerCase())).size < keys.length) {
    throw InvalidInputException.duplicateTags()
  }
  for (const key of keys) {
    if (key.toLowerCase().startsWith('aws:')) throw InvalidInputException.reservedTag(key)
  }
}

/** The tags with these put in; one whose key is there in any case gets the new key and value. */
export function withTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const all = [
    ...withoutTags(
      tags,
      added.map(({ key }) => key),
    ),
    ...added,
  ]
  if (all.length > MAX_TAGS) throw LimitExceededException.tags()
  return all
}

export function withoutTags(tags: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  const gone = new Set(keys.map((key) => key.toLowerCase()))
  return tags.filter(({ key }) => !gone.has(key.toLowerCase()))
}

/** aws:ResourceTag/k and iam:ResourceTag/k. */
export function* resourceTagKeys(tags: readonly Tag[]): Generator<readonly [string, ContextValue]> {
  for (const { key, value } of tags) {
    yield [`aws:ResourceTag/${key}`, value]
    yield [`iam:ResourceTag/${key}`, value]
  }
}

/** aws:RequestTag/k and aws:TagKeys. */
export function* requestTagKeys(
  given: readonly WireTag[] | undefined,
): Generator<readonly [string, ContextValue]> {
  if (given === undefined || given.length === 0) return
  for (const { Key, Value } of given) yield [`aws:RequestTag/${Key ?? ''}`, Value ?? '']
  yield ['aws:TagKeys', given.map(({ Key }) => Key ?? '')]
}

/** Tags as answers show them, by key. */
export function tagsView(tags: readonly Tag[]): WireTag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}
