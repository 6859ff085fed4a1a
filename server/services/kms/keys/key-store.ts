// The rows of keys, opened for one account and Region; cached, and kept coherent by the change feed.
import type { Scope } from '../../../contract/call.ts'
import { type Awaitable, Moved } from '../../../contract/operation.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { type CoherentCache, coherentCache } from '../../../storage/coherent-cache.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { KmsTables } from '../tables.ts'
import type { Key, KeyState } from './key.ts'
import { type KeyAttributesReader, keyAttributesReader } from './key-attributes-store.ts'
import { importColumns } from './key-import.ts'
import type { KeyPolicy } from './key-policy.ts'
import { keyArn } from './key-reference.ts'
import { type KeyRows, keyRows } from './key-rows.ts'
import { scheduleColumns } from './key-schedule.ts'
import { multiRegionColumns } from './multi-region.ts'

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
  /** Holds the key until the transaction ends, or throws as `setState`; nothing about it changes. */
  hold(tx: Transaction, authorized: Key): Promise<void>
  /** For a change of what belongs to the key: holds and announces it, or throws as `setState`. */
  touch(tx: Transaction, authorized: Key): Promise<void>
}

/** What becomes of a key; what is left out stays. */
export type KeyChange = Partial<
  Pick<
    Key,
    | 'state'
    | 'description'
    | 'materialId'
    | 'schedule'
    | 'imported'
    | 'multiRegion'
    | keyof KeyPolicy
  >
>

/** What a key is called in caches and announcements. */
export function cacheId(scope: Scope, id: string): string {
  return `${scope.account}/${scope.region}/${id}`
}

/** Makes the stores of all scopes over one cache. */
export function keyStores(storage: Storage, rootKey: RootKey): (scope: Scope) => KeyStore {
  const rows = keyRows(rootKey)
  const readAttributes = keyAttributesReader(storage, rootKey)
  const cache = coherentCache<Key>({ maxEntries: MAX_CACHED_KEYS })
  storage.changes.subscribe(KEY_TOPIC, { onChange: cache.drop, onReset: cache.clear })
  return (scope) => openKeyStore(storage, rows, readAttributes, cache, scope)
}

function openKeyStore(
  storage: Storage,
  rows: KeyRows,
  readAttributes: KeyAttributesReader,
  cache: CoherentCache<Key>,
  scope: Scope,
): KeyStore {
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
        return row && rows.read(row, await readAttributes(scope, id))
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
        .values(rows.of({ ...key, account, region }))
        .execute()
    },
    setState: (tx, authorized, state) =>
      changeKey(rows, tx, { ...authorized, account, region }, { state }),
    change: (tx, authorized, change) =>
      changeKey(rows, tx, { ...authorized, account, region }, change),
    hold: (tx, authorized) => updateKey(tx, authorized, { version: authorized.version }),
    touch: (tx, authorized) =>
      writeKey(tx, { ...authorized, account, region }, { version: authorized.version }),
  }
}

/** Changes a key wherever it is; throws Moved where it is not as `authorized` says any more. */
export async function changeKey(
  rows: KeyRows,
  tx: Transaction,
  authorized: Key,
  change: KeyChange,
): Promise<void> {
  const next = { ...authorized, ...change, version: authorized.version + 1 }
  const { version, mac, state, description, material_id, policy, policy_principals } = rows.of(next)
  // What stays is not written: where somebody changed it meanwhile, the MAC will tell.
  await writeKey(tx, authorized, {
    version,
    mac,
    // Besides what time alone has changed.
    state,
    ...importColumns(next),
    ...(change.description !== undefined && { description }),
    ...(change.materialId !== undefined && { material_id }),
    ...(change.policy !== undefined && { policy, policy_principals }),
    ...(change.schedule !== undefined && scheduleColumns(change.schedule)),
    ...(change.multiRegion !== undefined && multiRegionColumns(change.multiRegion)),
  })
}

async function writeKey(
  tx: Transaction,
  authorized: Key,
  columns: Partial<KmsTables['kms_keys']>,
): Promise<void> {
  await updateKey(tx, authorized, columns)
  await tx.announce(KEY_TOPIC, cacheId(authorized, authorized.id))
}

/** Writes the columns of the key as it was authorized, wherever it is. */
async function updateKey(
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
}
