// Gives MACs to rows that are older than MACs: docs/decisions/0006-row-macs.md says why only when asked.
import type { Kysely } from 'kysely'
import type { RootKey } from './seal/root-key.ts'
import type { RowMacs } from './seal/row-mac.ts'
import { accessKeyRowMacs, accountRowMacs } from './services/iam/row-macs.ts'
import { aliasRowMacs } from './services/kms/aliases/alias-rows.ts'
import { keyRowMacs } from './services/kms/keys/key-rows.ts'
import type { Storage } from './storage/storage.ts'

type AnyRow = Record<string, string | number | Uint8Array | null>
type Guarded = {
  readonly table: string
  readonly key: readonly string[]
  readonly macs: (rootKey: RootKey) => RowMacs<string>
}

/** Every table whose rows bear MACs. */
const GUARDED: readonly Guarded[] = [
  { table: 'iam_accounts', key: ['account'], macs: accountRowMacs },
  { table: 'iam_access_keys', key: ['access_key_id'], macs: accessKeyRowMacs },
  { table: 'kms_keys', key: ['account', 'region', 'key_id'], macs: keyRowMacs },
  { table: 'kms_aliases', key: ['account', 'region', 'name'], macs: aliasRowMacs },
]
const ROWS_AT_ONCE = 200

/** How many rows have no MAC at all, and so are refused. */
export async function countRowsWithoutMac(storage: Storage): Promise<number> {
  let count = 0
  for (const { table } of GUARDED) {
    const { rows } = await anyTables(storage.read)
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as('rows'))
      .where('mac', 'is', null)
      .executeTakeFirstOrThrow()
    count += Number(rows)
  }
  return count
}

/** Believes every row that has no MAC, and gives it one; answers how many those were. */
export function adoptRows(storage: Storage, rootKey: RootKey): Promise<number> {
  return storage.write(async (tx) => {
    let count = 0
    for (const guarded of GUARDED) count += await adoptTable(anyTables(tx.db), guarded, rootKey)
    return count
  }, 'unhurried')
}

async function adoptTable(
  db: Kysely<Record<string, AnyRow>>,
  { table, key, macs: macsOf }: Guarded,
  rootKey: RootKey,
): Promise<number> {
  const macs = macsOf(rootKey)
  for (let count = 0; ; ) {
    const rows = await db
      .selectFrom(table)
      .selectAll()
      .where('mac', 'is', null)
      .limit(ROWS_AT_ONCE)
      .execute()
    if (rows.length === 0) return count
    for (const row of rows as AnyRow[]) {
      let update = db.updateTable(table).set({ mac: macs.of(row) })
      for (const column of key) update = update.where(column, '=', row[column] ?? null)
      await update.execute()
    }
    count += rows.length
  }
}

function anyTables(db: Storage['read']): Kysely<Record<string, AnyRow>> {
  return db as unknown as Kysely<Record<string, AnyRow>>
}
