// The rows of a backup into the tables of an empty database, a bounded number at a time.
import { type Kysely, sql } from 'kysely'
import { OperatorError } from '../config.ts'
import { UNFINISHED_RESTORE } from '../installation-store.ts'
import { BATCHES, type BatchRow } from '../services/cloudtrail/journal-copy.ts'
import { listTables, type SchemaTable, type Storage, type Value } from '../storage/storage.ts'
import { FIRST_TABLE, LEFT_OUT } from './dump-store.ts'
import { DamagedBackupError } from './errors.ts'

const MAX_ROWS = 1000
const MAX_BYTES = 1024 * 1024
/** SQLite takes 32 766 parameters in one statement, PostgreSQL 65 535. */
const MAX_PARAMETERS = 30_000

export type RowLoader = {
  /** Says where the next rows belong. */
  table(name: string, columns: readonly string[]): Promise<void>
  row(values: readonly Value[]): Promise<void>
  /** Writes what is still waiting; answers the root key's id that the installation had. */
  finish(): Promise<string>
}

/** Throws where any table has a row, other than what a server leaves by merely looking. */
export async function requireEmptyDatabase(storage: Storage): Promise<void> {
  for (const { name } of await listTables(storage.read, storage.dialect)) {
    if (LEFT_OUT.has(name)) continue
    const { rows } = await sql`select 1 from ${sql.id(name)} limit 1`.execute(storage.read)
    if (rows.length > 0) {
      throw new OperatorError(
        `The database is not empty: the table ${name} has rows. A restore never replaces anything: make a new database and name that with --database.`,
      )
    }
  }
}

/**
 * Loads rows into the tables that the backup's own migrations made. `writeBatch` takes the trail where
 * it is not kept in the database.
 */
export async function rowLoader(
  storage: Storage,
  writeBatch: ((batch: BatchRow) => Promise<void>) | undefined,
): Promise<RowLoader> {
  const known = new Map(
    (await listTables(storage.read, storage.dialect)).map((table) => [table.name, table]),
  )
  let current: SchemaTable = { name: '', columns: [] }
  let waiting: Record<string, Value>[] = []
  let waitingBytes = 0
  let rootKeyId: string | undefined

  async function flush(): Promise<void> {
    const rows = waiting
    const { name } = current
    waiting = []
    waitingBytes = 0
    if (rows.length === 0) return
    await storage.write(
      (tx) => (tx.db as unknown as Kysely<AnyTables>).insertInto(name).values(rows).execute(),
      'unhurried',
    )
  }

  return {
    async table(name, columns) {
      await flush()
      const table = known.get(name)
      if (table === undefined || !sameNames(table.columns, columns)) {
        throw new DamagedBackupError(`its table ${name} is not the one that its migrations make`)
      }
      current = { name, columns }
    },
    async row(values) {
      const { name, columns } = current
      const row = Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null]))
      if (name === BATCHES.table && writeBatch !== undefined) {
        await writeBatch(row as unknown as BatchRow)
        return
      }
      if (name === FIRST_TABLE) {
        rootKeyId = String(row.root_key_id)
        // Until the very end nobody takes this for an installation.
        row.root_key_id = UNFINISHED_RESTORE
      }
      waiting.push(row)
      for (const value of values) waitingBytes += sizeOf(value)
      const maxRows = Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / columns.length))
      if (waiting.length >= maxRows || waitingBytes >= MAX_BYTES) await flush()
    },
    async finish() {
      await flush()
      if (rootKeyId === undefined) throw new DamagedBackupError('it holds no installation')
      return rootKeyId
    },
  }
}

type AnyTables = Record<string, Record<string, Value>>

function sizeOf(value: Value): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 8
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name))
}
