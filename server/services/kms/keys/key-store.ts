// The rows of keys, opened for one account and Region; cached, and kept coherent by the change feed.
import type { Scope } from '../../../contract/call.ts'
import { type Awaitable, Moved } from '../../../contract/operation.ts'
import { type CoherentCache, coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { KmsTables } from '../tables.ts'
import { defaultKeyPolicy, type Key, type KeyState } from './key.ts'
import { keyArn } from './key-reference.ts'
import { readSchedule, scheduleColumns } from './key-schedule.ts'

/** The topic on which changes of keys are announced; the subject is `cacheId`. */
export const KEY_TOPIC = 'kms/key'

const MAX_CACHED_KEYS = 10_000

export type KeyStore = {
  find(id: string): Awaitable<Key | undefined>
  /** At most `limit` keys after the key id `after`, by key id. */
  list(after: string | undefined, limit: number): Promise<readonly { id: string; arn: string }[]>
  insert(tx: Transaction, key: Key): Promise<void>
  /** Changes the key as it was when authorized; throws Moved where it is another one by now. */
  setState(tx: Transaction, authorized: Key, state: KeyState): Promise<void>
  /** As `setState`, of everything that changes together. */
  change(tx: Transaction, authorized: Key, change: KeyChange): Promise<void>
  /** For a change of what belongs to the key: holds and announces it, or throws as `setState`. */
  touch(tx: Transaction, authorized: Key): Promise<void>
}

/** What becomes of a key; what is left out stays. */
export type KeyChange = Partial<Pick<Key, 'state' | 'description' | 'materialId' | 'schedule'>>

/** What a key is called in caches and announcements. */
export function cacheId(scope: Scope, id: string): string {
  return `${scope.account}/${scope.region}/${id}`
}

/** Makes the stores of all scopes over one cache. */
export function keyStores(storage: Storage): (scope: Scope) => KeyStore {
  const cache = coherentCache<Key>({ maxEntries: MAX_CACHED_KEYS })
  storage.changes.subscribe(KEY_TOPIC, { onChange: cache.drop, onReset: cache.clear })
  return (scope) => openKeyStore(storage, cache, scope)
}

function openKeyStore(storage: Storage, cache: CoherentCache<Key>, scope: Scope): KeyStore {
  const db = storage.read.$extendTables<KmsTables>()
  const { account, region } = scope
  return {
    find: (id) =>
      cache.get(cacheId(scope, id), async () => {
        const row = await db
          .selectFrom('kms_keys')
          .selectAll()
          .where('account', '=', account)
          .where('region', '=', region)
          .where('key_id', '=', id)
          .executeTakeFirst()
        return row && readKey(row)
      }),
    async list(after, limit) {
      const rows = await db
        .selectFrom('kms_keys')
        .select('key_id')
        .where('account', '=', account)
        .where('region', '=', region)
        .$if(after !== undefined, (query) => query.where('key_id', '>', after as string))
        .orderBy('key_id')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ id: row.key_id, arn: keyArn(scope, row.key_id) }))
    },
    async insert(tx, key) {
      await tx.db
        .$extendTables<KmsTables>()
        .insertInto('kms_keys')
        .values({
          account,
          region,
          key_id: key.id,
          version: key.version,
          state: key.state,
          description: key.description,
          key_usage: key.usage,
          key_spec: key.spec,
          policy: key.policy,
          material_id: key.materialId,
          created_at_ms: key.createdAtMs,
        })
        .execute()
    },
    setState: (tx, authorized, state) =>
      changeKey(tx, { ...authorized, account, region }, { state }),
    change: (tx, authorized, change) => changeKey(tx, { ...authorized, account, region }, change),
    touch: (tx, authorized) =>
      writeKey(tx, { ...authorized, account, region }, { version: authorized.version }),
  }
}

/** Changes a key wherever it is; throws Moved where it is not as `authorized` says any more. */
export async function changeKey(
  tx: Transaction,
  authorized: Key,
  { state, description, materialId, schedule }: KeyChange,
): Promise<void> {
  await writeKey(tx, authorized, {
    version: authorized.version + 1,
    ...(state !== undefined && { state }),
    ...(description !== undefined && { description }),
    ...(materialId !== undefined && { material_id: materialId }),
    ...(schedule !== undefined && scheduleColumns(schedule)),
  })
}

async function writeKey(
  tx: Transaction,
  authorized: Key,
  columns: Partial<KmsTables['kms_keys']>,
): Promise<void> {
  const { numUpdatedRows } = await tx.db
    .$extendTables<KmsTables>()
    .updateTable('kms_keys')
    .set(columns)
    .where('account', '=', authorized.account)
    .where('region', '=', authorized.region)
    .where('key_id', '=', authorized.id)
    .where('version', '=', authorized.version)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new Moved()
  await tx.announce(KEY_TOPIC, cacheId(authorized, authorized.id))
}

export function readKey(row: KmsTables['kms_keys']): Key {
  const scope = { account: row.account, region: row.region }
  return {
    ...scope,
    id: row.key_id,
    arn: keyArn(scope, row.key_id),
    version: row.version,
    state: row.state as KeyState,
    description: row.description,
    usage: row.key_usage as Key['usage'],
    spec: row.key_spec as Key['spec'],
    createdAtMs: row.created_at_ms,
    policy: row.policy,
    delegatesToAccount: row.policy === defaultKeyPolicy(row.account),
    materialId: row.material_id,
    schedule: readSchedule(row),
  }
}
