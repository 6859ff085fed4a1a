// Everything that one root key protects, protected by another one instead: what it wraps is wrapped anew,
// every MAC is verified under the old key and made under the new one. One transaction, or none of it.
import { type Kysely, sql } from 'kysely'
import { replaceRootKeyId, takeRootKeyId } from './installation-store.ts'
import type { ProtectedRow, ProtectedTable } from './seal/protected-table.ts'
import type { RootKey } from './seal/root-key.ts'
import type { RowMacs } from './seal/row-mac.ts'
import type { Dialect, Transaction } from './storage/storage.ts'

/** A row that the old root key does not vouch for; nothing was changed. */
export class UnprotectedRowError extends Error {}

/** The topic on which a rotation is announced; the subject is the new root key's id. */
export const ROOT_KEY_TOPIC = 'root-key'

export type Rotation = {
  readonly tables: readonly ProtectedTable[]
  readonly from: RootKey
  readonly to: RootKey
  /** Told how many rows are done, from time to time. */
  readonly onRows: (done: number) => void
}

export type Rotated = { readonly generation: number; readonly rows: number }

const ROWS_AT_ONCE = 200
/** SQLite takes 32 766 parameters in one statement, PostgreSQL 65 535. */
const MAX_PARAMETERS = 30_000

/** How many rows a rotation has to write. */
export async function countProtectedRows(
  tx: Pick<Transaction, 'db'>,
  tables: readonly ProtectedTable[],
): Promise<number> {
  let rows = 0
  for (const { table } of tables.filter(isUnderRootKey)) {
    const counted = await sql<{
      rows: number | string
    }>`select count(*) as rows from ${sql.table(table)}`.execute(tx.db)
    rows += Number(counted.rows[0]?.rows)
  }
  return rows
}

/** Answers nothing where the database goes by another root key than `from`, and changes nothing then. */
export async function rotateRootKey(
  tx: Transaction,
  dialect: Dialect,
  rotation: Rotation,
): Promise<Rotated | undefined> {
  const { tables, from, to, onRows } = rotation
  // From here on nobody else writes anything that stands under a root key.
  if ((await takeRootKeyId(tx, dialect)) !== from.id) return undefined
  let rows = 0
  for (const table of tables.filter(isUnderRootKey)) {
    const renew = renewal(table, from, to)
    for await (const renewed of piecesOf(tx, table, renew)) {
      rows += renewed
      onRows(rows)
      // A process that serves goes on reading meanwhile.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
  const generation = await replaceRootKeyId(tx, to.id)
  await tx.announce(ROOT_KEY_TOPIC, to.id)
  return { generation, rows }
}

function isUnderRootKey({ macs, wrapped }: ProtectedTable): boolean {
  return macs !== undefined || wrapped.length > 0
}

/** Writes the table anew, piece by piece; tells how many rows each had. */
async function* piecesOf(
  { db }: Transaction,
  declared: ProtectedTable,
  renew: (row: ProtectedRow) => ProtectedRow,
): AsyncGenerator<number> {
  const { table, key } = declared
  const order = sql.join(key.map((column) => sql.ref(column)))
  let after: ProtectedRow | undefined
  for (;;) {
    const place = after
    const isBehind =
      place === undefined
        ? sql`1 = 1`
        : sql`(${order}) > (${sql.join(key.map((column) => sql.val(place[column])))})`
    const { rows } = await sql<ProtectedRow>`
      select * from ${sql.table(table)} where ${isBehind} order by ${order} limit ${sql.lit(ROWS_AT_ONCE)}
    `.execute(db)
    if (rows.length === 0) return
    await put(db as unknown as Kysely<AnyTables>, declared, rows.map(renew))
    after = rows.at(-1)
    yield rows.length
  }
}

/** Updates whole rows, many in one statement. */
async function put(
  db: Kysely<AnyTables>,
  { table, key, macs, wrapped }: ProtectedTable,
  rows: readonly ProtectedRow[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const changing = [
    ...wrapped.map(({ column }) => column),
    ...(macs === undefined ? [] : ['mac']),
    ...columns.filter((column) => column === 'root_key_id'),
  ]
  const atOnce = Math.max(1, Math.floor(MAX_PARAMETERS / columns.length))
  for (let at = 0; at < rows.length; at += atOnce) {
    await db
      .insertInto(table)
      .values(rows.slice(at, at + atOnce))
      .onConflict((conflict) =>
        conflict
          .columns(key as string[])
          .doUpdateSet((row) =>
            Object.fromEntries(changing.map((column) => [column, row.ref(`excluded.${column}`)])),
          ),
      )
      .execute()
  }
}

function renewal(
  { table, key, macs, wrapped }: ProtectedTable,
  from: RootKey,
  to: RootKey,
): (row: ProtectedRow) => ProtectedRow {
  const before: RowMacs<string> | undefined = macs?.(from)
  const after: RowMacs<string> | undefined = macs?.(to)
  return (row) => {
    const renewed: Record<string, ProtectedRow[string]> = { ...row }
    try {
      before?.require(row as ProtectedRow & { mac: Uint8Array | null })
      for (const { column, label, binding } of wrapped) {
        const value = row[column]
        if (!(value instanceof Uint8Array)) continue
        // Wrapping zeroes what was unwrapped.
        renewed[column] = to.wrap(label, binding(row), from.unwrap(label, binding(row), value))
      }
    } catch {
      const name = key.map((column) => String(row[column])).join('/')
      throw new UnprotectedRowError(`${name} of ${table}`)
    }
    if ('root_key_id' in row) renewed.root_key_id = to.id
    // The last: it covers what was wrapped anew.
    if (after !== undefined) renewed.mac = after.of(renewed)
    return renewed
  }
}

type AnyTables = Record<string, Record<string, ProtectedRow[string]>>
