// The tables of a store as its schema tells them, so that whoever copies a store forgets none that a
// later migration adds.

import { type Kysely, sql } from 'kysely'
import type { Dialect, NoTables, Row } from './contract.ts'

export type SchemaTable = {
  readonly name: string
  readonly columns: readonly string[]
}

/** How many rows are in memory at once, at most, when a table is read from end to end. */
export const rowsPerPiece = 64
/** A piece with more than this is long enough, however few its rows. */
export const bytesPerPiece: number = 1024 * 1024

/** About what a row takes up. */
export function sizeOfRow(row: Row): number {
  let size = 0
  for (const value of Object.values(row)) {
    size += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8
  }
  return size
}

/** The statement that reads these columns of the whole table. */
export function selectAllOf(
  table: string,
  columns: readonly string[],
  orderBy: readonly string[] = [],
): string {
  const order = orderBy.length === 0 ? '' : ` order by ${orderBy.map(quoted).join(', ')}`
  return `select ${columns.map(quoted).join(', ')} from ${quoted(table)}${order}`
}

/** A name as an identifier of SQL, in both dialects. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * All tables but those in which Kysely counts migrations, each after the tables that its foreign keys
 * refer to. Throws where tables refer to each other in a circle.
 */
export async function listTables(
  db: Kysely<NoTables>,
  dialect: Dialect,
): Promise<readonly SchemaTable[]> {
  const found = await db.introspection.getTables()
  const schema = dialect === 'sqlite' ? undefined : await currentSchema(db)
  const tables = found
    .filter((table) => !table.isView && table.schema === schema)
    .map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return inOrder(tables, await listReferences(db, dialect))
}

/** The names of the migrations that were applied, or none where none ever was. */
export async function listMigrations(db: Kysely<NoTables>): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{
    name: string
  }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}

type Reference = { readonly from: string; readonly to: string }

function inOrder(
  tables: readonly SchemaTable[],
  references: readonly Reference[],
): readonly SchemaTable[] {
  const ordered: SchemaTable[] = []
  let left = tables
  while (left.length > 0) {
    const waiting = new Set(left.map(({ name }) => name))
    const blocked = new Set(references.filter(({ to }) => waiting.has(to)).map(({ from }) => from))
    const free = left.filter(({ name }) => !blocked.has(name))
    if (free.length === 0) {
      throw new Error(`tables refer to each other in a circle: ${[...waiting].join(', ')}`)
    }
    ordered.push(...free)
    left = left.filter(({ name }) => blocked.has(name))
  }
  return ordered
}

async function listReferences(
  db: Kysely<NoTables>,
  dialect: Dialect,
): Promise<readonly Reference[]> {
  const query =
    dialect === 'sqlite'
      ? sql<Reference>`select m.name as "from", k."table" as "to"
          from sqlite_master as m, pragma_foreign_key_list(m.name) as k where m.type = 'table'`
      : sql<Reference>`select child.relname as "from", parent.relname as "to"
          from pg_catalog.pg_constraint as k
          join pg_catalog.pg_class as child on child.oid = k.conrelid
          join pg_catalog.pg_class as parent on parent.oid = k.confrelid
          where k.contype = 'f' and child.relnamespace = current_schema()::regnamespace`
  return (await query.execute(db)).rows
}

async function currentSchema(db: Kysely<NoTables>): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
  return rows[0]?.name
}
