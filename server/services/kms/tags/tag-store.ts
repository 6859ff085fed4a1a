// The rows of tags, opened for one account and Region. Whoever changes them holds the key, and the key
// is announced: its tags are attributes that policies ask for. So a tag is believed only with its MAC.
import type { Scope } from '../../../contract/call.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { TagTables } from './tables.ts'
import type { Tag } from './tag.ts'

export type TagStore = {
  /** At most `limit` tags of the key after the tag key `after`, by tag key; throws ForgedRowError. */
  list(keyId: string, after: string | undefined, limit: number): Promise<readonly Tag[]>
  count(tx: Transaction, keyId: string): Promise<number>
  /** Adds the tags; one whose key is there already gets the new value. */
  put(tx: Transaction, keyId: string, tags: readonly Tag[]): Promise<void>
  /** Removes the tags with these keys; those that are not there are none. */
  remove(tx: Transaction, keyId: string, tagKeys: readonly string[]): Promise<void>
}

const COLUMNS = ['account', 'region', 'key_id', 'tag_key', 'tag_value'] as const

export function tagRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'kms_tags', COLUMNS, ['account', 'region', 'key_id', 'tag_key'])
}

export function openTagStore(
  storage: Storage,
  rootKey: RootKey,
  { account, region }: Scope,
): TagStore {
  const macs = tagRowMacs(rootKey)
  const rowOf = (keyId: string, { key, value }: Tag) => {
    const row = { account, region, key_id: keyId, tag_key: key, tag_value: value }
    return { ...row, mac: macs.of(row) }
  }
  const db = storage.read.$extendTables<TagTables>()
  return {
    async list(keyId, after, limit) {
      const rows = await db
        .selectFrom('kms_tags')
        .selectAll()
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', keyId)
        .$if(after !== undefined, (query) => query.where('tag_key', '>', after as string))
        .orderBy('tag_key')
        .limit(limit)
        .execute()
      return rows.map((row) => {
        macs.require(row)
        return { key: row.tag_key, value: row.tag_value }
      })
    },
    async count(tx, keyId) {
      const { total } = await tx.db
        .$extendTables<TagTables>()
        .selectFrom('kms_tags')
        .select(({ fn }) => fn.countAll().as('total'))
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', keyId)
        .executeTakeFirstOrThrow()
      return Number(total)
    },
    async put(tx, keyId, tags) {
      if (tags.length === 0) return
      await tx.db
        .$extendTables<TagTables>()
        .insertInto('kms_tags')
        .values(tags.map((tag) => rowOf(keyId, tag)))
        .onConflict((conflict) =>
          conflict.columns(['account', 'region', 'key_id', 'tag_key']).doUpdateSet((row) => ({
            tag_value: row.ref('excluded.tag_value'),
            mac: row.ref('excluded.mac'),
          })),
        )
        .execute()
    },
    async remove(tx, keyId, tagKeys) {
      if (tagKeys.length === 0) return
      await tx.db
        .$extendTables<TagTables>()
        .deleteFrom('kms_tags')
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', keyId)
        .where('tag_key', 'in', tagKeys)
        .execute()
    },
  }
}
