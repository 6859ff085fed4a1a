// Looks at a database without changing anything: not even what a server brings up to date at its start.

import { DatabaseSync } from 'node:sqlite'
import { completeSettings } from './contract.ts'
import { readPostgresUrl } from './postgres-address.ts'
import { postgresConnector } from './postgres-session.ts'
import { ALIVE_MS, type SchemaState, type ServerProcess } from './schema-version.ts'

type Inspection = {
  /** The names of the migrations that were applied. */
  readonly migrations: readonly string[]
  /** Nothing where it never was migrated by a release that knows versions. */
  readonly schema: SchemaState | undefined
  /** The processes of servers that are alive. */
  readonly processes: readonly ServerProcess[]
  /** The root key that the database belongs to; nothing where it was never initialised. */
  readonly rootKeyId: string | undefined
}

export type SqliteInspection = Inspection & {
  /** What `PRAGMA quick_check` says; `ok` where nothing is damaged. */
  readonly integrity: string
  readonly journalMode: string
}

export type PostgresInspection = Inspection & {
  readonly version: string
  /** How far its clock is ahead of ours. */
  readonly clockAheadMs: number
}

const MIGRATIONS = 'select name from kysely_migration order by name'
const ROOT_KEY = 'select root_key_id from installation'
const BUSY_TIMEOUT_MS = 5000
const SCHEMA = 'select version, minimum from schema_version'

function liveProcesses(nowMs: string): string {
  return `select release, schema_version, machine, pid, ${nowMs} - seen_at_ms as seen_ago_ms
    from server_processes where ${nowMs} - seen_at_ms < ${ALIVE_MS}
    order by schema_version, machine, pid`
}

function processOf(row: Record<string, unknown>): ServerProcess {
  return {
    release: String(row.release),
    schemaVersion: Number(row.schema_version),
    machine: String(row.machine),
    pid: Number(row.pid),
    seenAgoMs: Number(row.seen_ago_ms),
  }
}

function stateOf(row: Record<string, unknown> | undefined): SchemaState | undefined {
  return row && { version: Number(row.version), minimum: Number(row.minimum) }
}

const NO_SCHEMA = { schema: undefined, processes: [] }

/** Throws where the file is no database, or cannot be read. */
export function inspectSqlite(file: string): SqliteInspection {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    const column = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => String(Object.values(row)[0]))
    const has = (table: string) =>
      column(`select name from sqlite_master where name = '${table}'`).length > 0
    return {
      integrity: column('pragma quick_check(3)').join('; '),
      journalMode: column('pragma journal_mode')[0] ?? '',
      migrations: has('kysely_migration') ? column(MIGRATIONS) : [],
      ...(has('schema_version')
        ? {
            schema: stateOf(database.prepare(SCHEMA).get()),
            processes: database
              .prepare(liveProcesses(`cast(unixepoch('subsec') * 1000 as integer)`))
              .all()
              .map(processOf),
          }
        : NO_SCHEMA),
      rootKeyId: has('installation') ? column(ROOT_KEY)[0] : undefined,
    }
  } finally {
    database.close()
  }
}

/** Throws where no server answers; what it throws never quotes the URL. */
export async function inspectPostgres(url: string): Promise<PostgresInspection> {
  const connect = postgresConnector(readPostgresUrl(url), completeSettings({}))
  const session = await connect({ readOnly: true })
  try {
    const column = async (sql: string) =>
      (await session.run(sql)).map((row) => String(Object.values(row)[0]))
    const has = async (table: string) =>
      (await column(`select to_regclass('${table}') is not null`))[0] === 'true'
    const version = (await column('show server_version'))[0] ?? ''
    // Half of the way there and back is a fair guess at when it looked at its clock.
    const beforeMs = Date.now()
    const theirMs = Number((await column('select extract(epoch from clock_timestamp()) * 1000'))[0])
    const clockAheadMs = theirMs - (beforeMs + Date.now()) / 2
    return {
      version,
      clockAheadMs,
      migrations: (await has('kysely_migration')) ? await column(MIGRATIONS) : [],
      ...((await has('schema_version'))
        ? {
            schema: stateOf((await session.run(SCHEMA))[0]),
            processes: (
              await session.run(
                liveProcesses('(extract(epoch from clock_timestamp()) * 1000)::bigint'),
              )
            ).map(processOf),
          }
        : NO_SCHEMA),
      rootKeyId: (await has('installation')) ? (await column(ROOT_KEY))[0] : undefined,
    }
  } finally {
    session.end()
  }
}
