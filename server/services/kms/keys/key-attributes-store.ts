// What policies may ask of a key besides its row: its tags and the names of its aliases. They are
// loaded with the key and kept with it: whoever changes them announces the key.
import type { Scope } from '../../../contract/call.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage } from '../../../storage/storage.ts'
import { aliasRowMacs } from '../aliases/alias-rows.ts'
import type { AliasTables } from '../aliases/tables.ts'
import type { TagTables } from '../tags/tables.ts'
import type { Tag } from '../tags/tag.ts'
import { tagRowMacs } from '../tags/tag-store.ts'

export type KeyAttributes = {
  readonly tags: readonly Tag[]
  /** With their prefix: `alias/name`. */
  readonly aliases: readonly string[]
}

/** Of a key that has neither tags nor aliases, and of one that no policy is asked about. */
export const NO_ATTRIBUTES: KeyAttributes = { tags: [], aliases: [] }

/** Reads the attributes of one key; throws ForgedRowError. */
export type KeyAttributesReader = (scope: Scope, keyId: string) => Promise<KeyAttributes>

export function keyAttributesReader(storage: Storage, rootKey: RootKey): KeyAttributesReader {
  const db = storage.read.$extendTables<TagTables & AliasTables>()
  const tagMacs = tagRowMacs(rootKey)
  const aliasMacs = aliasRowMacs(rootKey)
  return async ({ account, region }, keyId) => {
    const [tags, aliases] = await Promise.all([
      db
        .selectFrom('kms_tags')
        .selectAll()
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', keyId)
        .execute(),
      db
        .selectFrom('kms_aliases')
        .selectAll()
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', keyId)
        .execute(),
    ])
    tags.forEach(tagMacs.require)
    aliases.forEach(aliasMacs.require)
    return {
      tags: tags.map((row) => ({ key: row.tag_key, value: row.tag_value })),
      aliases: aliases.map(({ name }) => name),
    }
  }
}
