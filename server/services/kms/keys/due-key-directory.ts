// Keys of all accounts and Regions for which the time has come, and what jobs do to their rows.
import type { ExpressionBuilder } from 'kysely'
import type { Scope } from '../../../contract/call.ts'
import { Moved } from '../../../contract/operation.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import { ALIAS_TOPIC } from '../aliases/alias-store.ts'
import type { AliasTables } from '../aliases/tables.ts'
import type { KmsTables } from '../tables.ts'
import type { Key } from './key.ts'
import { type KeyRows, keyRows } from './key-rows.ts'
import { cacheId, changeKey, KEY_TOPIC, type KeyChange } from './key-store.ts'

/** Where a key is that something is due for. */
export type DueKey = Scope & { readonly id: string }

export type DueKeyDirectory = {
  deletions(nowMs: number, limit: number): Promise<readonly DueKey[]>
  /** On-demand rotations first; automatic ones only of keys that may be used. */
  rotations(nowMs: number, limit: number): Promise<readonly DueKey[]>
  /** Multi-Region keys that are on their way into another state. */
  transitions(limit: number): Promise<readonly DueKey[]>
  find(place: DueKey): Promise<Key | undefined>
  /** The key as it is now, within the transaction. */
  findIn(tx: Transaction, place: DueKey): Promise<Key | undefined>
  /** Changes the key as it was found; throws Moved where it is another one by now. */
  change(tx: Transaction, found: Key, change: KeyChange): Promise<void>
}

export function dueKeyDirectory(storage: Storage, rootKey: RootKey): DueKeyDirectory {
  const rows = keyRows(rootKey)
  const db = storage.read.$extendTables<KmsTables>()
  const keys = () => db.selectFrom('kms_keys').select(['account', 'region', 'key_id as id'])
  return {
    deletions: (nowMs, limit) =>
      keys()
        .where('deletes_at_ms', '<=', nowMs)
        .where('state', '=', 'PendingDeletion')
        .orderBy('deletes_at_ms')
        .limit(limit)
        .execute(),
    async rotations(nowMs, limit) {
      const onDemand = await keys()
        .where('on_demand_rotation_at_ms', 'is not', null)
        .where(isNoReplica)
        .orderBy('on_demand_rotation_at_ms')
        .limit(limit)
        .execute()
      const automatic = await keys()
        .where('next_rotation_at_ms', '<=', nowMs)
        .where('state', '=', 'Enabled')
        .where('on_demand_rotation_at_ms', 'is', null)
        .where(isNoReplica)
        .orderBy('next_rotation_at_ms')
        .limit(limit)
        .execute()
      return [...onDemand, ...automatic].slice(0, limit)
    },
    transitions: (limit) =>
      keys()
        .where('primary_region', 'is not', null)
        .where('state', 'in', ['Creating', 'Updating'])
        .orderBy('created_at_ms')
        .limit(limit)
        .execute(),
    find: (place) => findIn(rows, db, place),
    findIn: (tx, place) => findIn(rows, kmsTables(tx), place),
    change: (tx, found, change) => changeKey(rows, tx, found, change),
  }
}

/** A replica gets its new material from its primary key, whose rotation it shares. */
function isNoReplica({ eb, or, ref }: ExpressionBuilder<KmsTables, 'kms_keys'>) {
  return or([eb('primary_region', 'is', null), eb('primary_region', '=', ref('region'))])
}

async function findIn(
  rows: KeyRows,
  db: ReturnType<typeof kmsTables>,
  { account, region, id }: DueKey,
): Promise<Key | undefined> {
  const row = await db
    .selectFrom('kms_keys')
    .selectAll()
    .where('account', '=', account)
    .where('region', '=', region)
    .where('key_id', '=', id)
    .executeTakeFirst()
  return row && rows.read(row)
}

function kmsTables(tx: Transaction) {
  return tx.db.$extendTables<KmsTables>()
}

/**
 * Removes the key with all of its materials; its aliases and tags go with it. Throws Moved where the
 * key is not as it was found any more.
 */
export async function deleteKey(tx: Transaction, key: Key): Promise<void> {
  const db = tx.db.$extendTables<KmsTables & AliasTables>()
  const aliases = await db
    .selectFrom('kms_aliases')
    .select('name')
    .where('account', '=', key.account)
    .where('region', '=', key.region)
    .where('key_id', '=', key.id)
    .execute()
  await deleteMaterials(tx, key)
  const { numDeletedRows } = await db
    .deleteFrom('kms_keys')
    .where('account', '=', key.account)
    .where('region', '=', key.region)
    .where('key_id', '=', key.id)
    .where('version', '=', key.version)
    .executeTakeFirst()
  if (numDeletedRows !== 1n) throw new Moved()
  await tx.announce(KEY_TOPIC, cacheId(key, key.id))
  for (const { name } of aliases) await tx.announce(ALIAS_TOPIC, cacheId(key, name))
}

/** Overwritten before they go: a row that is only deleted stays readable in SQLite's file for long. */
async function deleteMaterials(tx: Transaction, { account, region, id }: Key): Promise<void> {
  const db = kmsTables(tx)
  const materials = await db
    .selectFrom('kms_key_materials')
    .select(['material_id', 'wrapped'])
    .where('account', '=', account)
    .where('region', '=', region)
    .where('key_id', '=', id)
    .execute()
  for (const { material_id, wrapped } of materials) {
    await db
      .updateTable('kms_key_materials')
      .set({ wrapped: new Uint8Array(wrapped.length) })
      .where('account', '=', account)
      .where('region', '=', region)
      .where('key_id', '=', id)
      .where('material_id', '=', material_id)
      .execute()
  }
  await db
    .deleteFrom('kms_key_materials')
    .where('account', '=', account)
    .where('region', '=', region)
    .where('key_id', '=', id)
    .execute()
}
