// Gives MACs to rows that are older than MACs: docs/decisions/0006-row-macs.md says why only when asked.
import type { Kysely } from 'kysely'
import type { ProtectedRow, ProtectedTable } from './seal/protected-table.ts'
import type { RootKey } from './seal/root-key.ts'
import type { Storage, Transaction } from './storage/storage.ts'

/** How many rows of a table. */
export type TableCount = { readonly table: string; readonly rows: number }

const ROWS_AT_ONCE = 200

/** How many rows have no MAC at all, and so are refused. */
export async function countRowsWithoutMac(
  storage: Storage,
  tables: readonly ProtectedTable[],
): Promise<number> {
  let count = 0
  for (const { table } of tables.filter(({ macs }) => macs !== undefined)) {
    const { rows } = await anyTables(storage.read)
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as('rows'))
      .where('mac', 'is', null)
      .executeTakeFirstOrThrow()
    count += Number(rows)
  }
  return count
}

/**
 * Believes every row that has no MAC, and gives it one; answers how many those were in each table.
 * `record` stores in the same transaction that it was done.
 */
export function adoptRows(
  storage: Storage,
  rootKey: RootKey,
  tables: readonly ProtectedTable[],
  record: (tx: Transaction, adopted: readonly TableCount[]) => Promise<void>,
): Promise<readonly TableCount[]> {
  return storage.write(async (tx) => {
    const adopted: TableCount[] = []
    for (const guarded of tables) {
      if (guarded.macs === undefined) continue
      const rows = await adoptTable(anyTables(tx.db), guarded, guarded.macs(rootKey).of)
      if (rows > 0) adopted.push({ table: guarded.table, rows })
    }
    await record(tx, adopted)
    return adopted
  }, 'unhurried')
}

async function adoptTable(
  db: Kysely<Record<string, ProtectedRow>>,
  { table, key }: ProtectedTable,
  macOf: (row: ProtectedRow) => Buffer,
): Promise<number> {
  for (let count = 0; ; ) {
    const rows: readonly ProtectedRow[] = await db
      .selectFrom(table)
      .selectAll()
      .where('mac', 'is', null)
      .limit(ROWS_AT_ONCE)
      .execute()
    if (rows.length === 0) return count
    for (const row of rows) {
      let update = db.updateTable(table).set({ mac: macOf(row) })
      for (const column of key) update = update.where(column, '=', row[column] ?? null)
      await update.execute()
    }
    count += rows.length
  }
}

function anyTables(db: Storage['read']): Kysely<Record<string, ProtectedRow>> {
  return db as unknown as Kysely<Record<string, ProtectedRow>>
}
