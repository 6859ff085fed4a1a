// The rows of tags, opened for one account and Region. Whoever changes them holds the key, and the key
// is announced: its tags are attributes that policies ask for.
import type { Scope } from '../../../contract/call.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { TagTables } from './tables.ts'
import type { Tag } from './tag.ts'

export type TagStore = {
  /** At most `limit` tags of the key after the tag key `after`, by tag key. */
  list(keyId: string, after: string | undefined, limit: number): Promise<readonly Tag[]>
  count(tx: Transaction, keyId: string): Promise<number>
  /** Adds the tags; one whose key is there already gets the new value. */
  put(tx: Transaction, keyId: string, tags: readonly Tag[]): Promise<void>
  /** Removes the tags with these keys; those that are not there are none. */
  remove(tx: Transaction, keyId: string, tagKeys: readonly string[]): Promise<void>
}

export function openTagStore(storage: Storage, { account, region }: Scope): TagStore {
  const db = storage.read.$extendTables<TagTables>()
  return {
    async list(keyId, after, limit) {
      const rows = await db
        .selectFrom('kms_tags')
        .select(['tag_key', 'tag_value'])
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', keyId)
        .$if(after !== undefined, (query) => query.where('tag_key', '>', after as string))
        .orderBy('tag_key')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ key: row.tag_key, value: row.tag_value }))
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
        .values(
          tags.map(({ key, value }) => ({
            account,
            region,
            key_id: keyId,
            tag_key: key,
            tag_value: value,
          })),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['account', 'region', 'key_id', 'tag_key'])
            .doUpdateSet((row) => ({ tag_value: row.ref('excluded.tag_value') })),
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
