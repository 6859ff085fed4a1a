// The rows of aliases, opened for one account and Region; cached, and kept coherent by the change feed.
import type { Scope } from '../../../contract/call.ts'
import { type Awaitable, Moved } from '../../../contract/operation.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { type CoherentCache, coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import { cacheId } from '../keys/key-store.ts'
import type { Alias } from './alias.ts'
import { type AliasRows, aliasRows } from './alias-rows.ts'
import type { AliasTables } from './tables.ts'

/** The topic on which changes of aliases are announced; the subject is `cacheId` of the name. */
export const ALIAS_TOPIC = 'kms/alias'

const MAX_CACHED_ALIASES = 10_000

export type AliasStore = {
  /** The alias of this name, `alias/` included. */
  find(name: string): Awaitable<Alias | undefined>
  /** At most `limit` aliases after the name `after`, by name; of one key, or of all. */
  list(
    after: string | undefined,
    limit: number,
    keyId: string | undefined,
  ): Promise<readonly Alias[]>
  /** How many aliases the key has; hold the key first, so that no other call adds one meanwhile. */
  count(tx: Transaction, keyId: string): Promise<number>
  /** Answers whether the name was free, and inserts the alias only then. */
  insert(tx: Transaction, alias: Alias): Promise<boolean>
  /** Lets the alias stand for another key; throws Moved where it is not as authorized any more. */
  move(tx: Transaction, authorized: Alias, keyId: string, nowMs: number): Promise<void>
  /** Throws Moved where the alias is not as authorized any more. */
  delete(tx: Transaction, authorized: Alias): Promise<void>
}

/** Makes the stores of all scopes over one cache. */
export function aliasStores(storage: Storage, rootKey: RootKey): (scope: Scope) => AliasStore {
  const rows = aliasRows(rootKey)
  const cache = coherentCache<Alias>({ maxEntries: MAX_CACHED_ALIASES })
  storage.changes.subscribe(ALIAS_TOPIC, { onChange: cache.drop, onReset: cache.clear })
  return (scope) => openAliasStore(storage, rows, cache, scope)
}

function openAliasStore(
  storage: Storage,
  rows: AliasRows,
  cache: CoherentCache<Alias>,
  scope: Scope,
): AliasStore {
  const db = storage.read.$extendTables<AliasTables>()
  const { account, region } = scope
  const announce = (tx: Transaction, name: string) => tx.announce(ALIAS_TOPIC, cacheId(scope, name))
  return {
    find: (name) =>
      cache.get(cacheId(scope, name), async () => {
        const row = await db
          .selectFrom('kms_aliases')
          .selectAll()
          .where('account', '=', account)
          .where('region', '=', region)
          .where('name', '=', name)
          .executeTakeFirst()
        return row && rows.read(row)
      }),
    async list(after, limit, keyId) {
      const found = await db
        .selectFrom('kms_aliases')
        .selectAll()
        .where('account', '=', account)
        .where('region', '=', region)
        .$if(keyId !== undefined, (query) => query.where('key_id', '=', keyId as string))
        .$if(after !== undefined, (query) => query.where('name', '>', after as string))
        .orderBy('name')
        .limit(limit)
        .execute()
      return found.map(rows.read)
    },
    async count(tx, keyId) {
      const { total } = await tx.db
        .$extendTables<AliasTables>()
        .selectFrom('kms_aliases')
        .select(({ fn }) => fn.countAll().as('total'))
        .where('account', '=', account)
        .where('region', '=', region)
        .where('key_id', '=', keyId)
        .executeTakeFirstOrThrow()
      return Number(total)
    },
    async insert(tx, alias) {
      const inserted = await tx.db
        .$extendTables<AliasTables>()
        .insertInto('kms_aliases')
        .values(rows.of({ ...alias, account, region }))
        .onConflict((conflict) => conflict.doNothing())
        .returning('name')
        .executeTakeFirst()
      if (inserted === undefined) return false
      await announce(tx, alias.name)
      return true
    },
    async move(tx, authorized, keyId, nowMs) {
      const { version, key_id, updated_at_ms, mac } = rows.of({
        ...authorized,
        account,
        region,
        keyId,
        updatedAtMs: nowMs,
        version: authorized.version + 1,
      })
      const { numUpdatedRows } = await tx.db
        .$extendTables<AliasTables>()
        .updateTable('kms_aliases')
        .set({ version, key_id, updated_at_ms, mac })
        .where('account', '=', account)
        .where('region', '=', region)
        .where('name', '=', authorized.name)
        .where('key_id', '=', authorized.keyId)
        .where('version', '=', authorized.version)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new Moved()
      await announce(tx, authorized.name)
    },
    async delete(tx, authorized) {
      const { numDeletedRows } = await tx.db
        .$extendTables<AliasTables>()
        .deleteFrom('kms_aliases')
        .where('account', '=', account)
        .where('region', '=', region)
        .where('name', '=', authorized.name)
        .where('key_id', '=', authorized.keyId)
        .where('version', '=', authorized.version)
        .executeTakeFirst()
      if (numDeletedRows !== 1n) throw new Moved()
      await announce(tx, authorized.name)
    },
  }
}
