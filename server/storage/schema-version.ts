// Which versions of the schema a database and its servers stand at, so that two releases can serve one
// database while it is upgraded: docs/decisions/0008-rolling-migrations.md. The two tables are where
// releases meet that know nothing else of each other: their columns never change.

import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'
import type { Dialect, NoTables, Storage, Transaction } from './contract.ts'
import { SchemaVersionError } from './errors.ts'
import { listMigrations } from './schema-tables.ts'

/** One process of a server, as it registered itself. */
export type ServerProcess = {
  readonly release: string
  readonly schemaVersion: number
  readonly machine: string
  readonly pid: number
  readonly seenAgoMs: number
}

export type SchemaState = {
  /** The newest version whose `expand` migrations are applied. */
  readonly version: number
  /** The oldest version that may still serve the database. */
  readonly minimum: number
}

export type SchemaTables = {
  schema_version: { singleton: number; version: number; minimum: number }
  server_processes: {
    process_id: string
    release: string
    schema_version: number
    machine: string
    pid: number
    seen_at_ms: number
  }
}

/** A process is taken for alive for so long after it was last seen. */
export const ALIVE_MS = 45_000

/** Announced when the minimum is raised; the subject is the new one. */
export const MINIMUM_TOPIC = 'schema-minimum'

/** Any number will do, as long as every server takes the same one. */
const schemaLock = 5_230_198_341

/** Holds what the schema says until the transaction ends: alone to change it, or with others to join. */
export async function lockSchema(
  db: Kysely<NoTables>,
  dialect: Dialect,
  how: 'alone' | 'shared',
): Promise<void> {
  // On SQLite there is one writer anyway.
  if (dialect === 'sqlite') return
  const lock = sql.raw(how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared')
  await sql`select ${lock}(${schemaLock}::bigint)`.execute(db)
}

/** Makes the two tables where there are none. The caller holds the schema alone. */
export async function createSchemaTables(db: Kysely<NoTables>, dialect: Dialect): Promise<void> {
  const { wholeNumber } = columnTypes(dialect)
  await db.schema
    .createTable('schema_version')
    .ifNotExists()
    // Always 1, so that there is one row.
    .addColumn('singleton', wholeNumber, (column) => column.primaryKey())
    .addColumn('version', wholeNumber, (column) => column.notNull())
    .addColumn('minimum', wholeNumber, (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('server_processes')
    .ifNotExists()
    .addColumn('process_id', 'text', (column) => column.primaryKey())
    .addColumn('release', 'text', (column) => column.notNull())
    .addColumn('schema_version', wholeNumber, (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('pid', wholeNumber, (column) => column.notNull())
    .addColumn('seen_at_ms', wholeNumber, (column) => column.notNull())
    .execute()
}

/** What the database says of itself, or nothing where it never was migrated. */
export async function findSchemaState(db: Kysely<NoTables>): Promise<SchemaState | undefined> {
  return db
    .$extendTables<SchemaTables>()
    .selectFrom('schema_version')
    .select(['version', 'minimum'])
    .executeTakeFirst()
}

export async function writeSchemaState(tx: Transaction, state: SchemaState): Promise<void> {
  const before = await findSchemaState(tx.db)
  if (before?.version === state.version && before.minimum === state.minimum) return
  await tx.db
    .$extendTables<SchemaTables>()
    .insertInto('schema_version')
    .values({ singleton: 1, ...state })
    .onConflict((conflict) => conflict.column('singleton').doUpdateSet(state))
    .execute()
  if (before !== undefined && before.minimum < state.minimum) {
    await tx.announce(MINIMUM_TOPIC, String(state.minimum))
  }
}

/** Throws where servers of this version cannot serve the database any more. */
export function requireCompatible(state: SchemaState | undefined, mine: number): void {
  if (state === undefined || state.minimum <= mine) return
  throw new SchemaVersionError(
    `This release is too old for this database: it has schema version ${mine}, and since the upgrade to a newer release was finished the database takes only servers of schema version ${state.minimum} and later. Start that newer release.`,
  )
}

/** The database's own clock, in milliseconds since 1970: servers on several machines share no other. */
export function databaseNowMs(dialect: Dialect) {
  return dialect === 'sqlite'
    ? sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
    : sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
}

/** Processes that were seen a short while ago, the oldest version first. */
export async function listLiveProcesses(
  db: Kysely<NoTables>,
  dialect: Dialect,
): Promise<readonly ServerProcess[]> {
  const rows = await db
    .$extendTables<SchemaTables>()
    .selectFrom('server_processes')
    .select(['release', 'schema_version', 'machine', 'pid', 'seen_at_ms'])
    .select(databaseNowMs(dialect).as('now_ms'))
    .orderBy('schema_version')
    .orderBy('machine')
    .orderBy('pid')
    .execute()
  return rows
    .map(({ release, schema_version, machine, pid, seen_at_ms, now_ms }) => {
      const seenAgoMs = Math.max(0, now_ms - seen_at_ms)
      return { release, schemaVersion: schema_version, machine, pid, seenAgoMs }
    })
    .filter(({ seenAgoMs }) => seenAgoMs < ALIVE_MS)
}

export type SchemaSight = SchemaState & {
  /** The names of the migrations that were applied. */
  readonly applied: readonly string[]
  readonly processes: readonly ServerProcess[]
}

/** What there is to know of a database's schema and of who is on it. It was migrated at least once. */
export async function lookAtSchema({ read, dialect }: Storage): Promise<SchemaSight> {
  const state = await findSchemaState(read)
  if (state === undefined) throw new Error('the database was never migrated')
  const applied = await listMigrations(read)
  return { ...state, applied, processes: await listLiveProcesses(read, dialect) }
}

/** Throws where a server of an older version than this is alive. */
export async function requireNoneOlder(
  db: Kysely<NoTables>,
  dialect: Dialect,
  version: number,
): Promise<void> {
  const live = await listLiveProcesses(db, dialect)
  const older = live.filter(({ schemaVersion }) => schemaVersion < version)
  if (older.length === 0) return
  throw new SchemaVersionError(
    `Older servers still run, and what comes next would break them: ${older.map(describeProcess).join('; ')}. Upgrade them to schema version ${version} or stop them, and run this again. One that crashed counts for ${ALIVE_MS / 1000} s after it was last seen.`,
  )
}

export function describeProcess(process: ServerProcess): string {
  const { release, schemaVersion, machine, pid, seenAgoMs } = process
  return `release ${release} (schema version ${schemaVersion}) on ${machine}, process ${pid}, seen ${Math.round(seenAgoMs / 1000)} s ago`
}
