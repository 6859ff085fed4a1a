// Brings the tables up to date: each migration once, in one transaction. What only adds (`expand`) is
// applied at a server's start, while servers of the version before go on; what takes away (`contract`)
// when none of them is left. docs/decisions/0008-rolling-migrations.md.

import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Dialect, Storage, Transaction } from './contract.ts'
import { SchemaVersionError, StorageBusyError } from './errors.ts'
import { listMigrations } from './schema-tables.ts'
import {
  createSchemaTables,
  findSchemaState,
  lockSchema,
  requireCompatible,
  requireNoneOlder,
  type SchemaState,
  writeSchemaState,
} from './schema-version.ts'

export type Migration = {
  /** Unique and never changed afterwards: the service, a slash, a number, a word: `kms/0001-keys`. */
  readonly name: string
  /** `expand`: servers of the version before work on with it. `contract`: they would not. */
  readonly kind: 'expand' | 'contract'
  /** The schema version that brought it: one number for each release that changes the schema. */
  readonly since: number
  // biome-ignore lint/suspicious/noExplicitAny: a migration speaks of tables no type knows yet
  up(db: Kysely<any>, dialect: Dialect): Promise<void>
}

/** PostgreSQL: whoever waits for a table holds up everybody behind it, so a migration waits no longer. */
const LOCK_TIMEOUT_MS = 3000
const LOCK_NOT_AVAILABLE = '55P03'

/** The schema version of a release that has these migrations. */
export function schemaVersionOf(migrations: readonly Migration[]): number {
  return Math.max(1, ...migrations.map(({ since }) => since))
}

/** What is still to be applied, by what it takes to apply it. */
export function pendingMigrations(migrations: readonly Migration[], applied: readonly string[]) {
  const done = new Set(applied)
  const pending = migrations.filter(({ name }) => !done.has(name))
  const namesOf = (kind: Migration['kind']) =>
    pending.filter((migration) => migration.kind === kind).map(({ name }) => name)
  return { expand: namesOf('expand'), contract: namesOf('contract') }
}

/**
 * Applies what this version adds, and returns the names. All of it is applied or none. Give it the
 * migrations of every service at once. Any number of servers may call it at the same time; one migrates,
 * and the others find nothing left to do. A database that the next version has expanded is left as it is.
 * Throws SchemaVersionError where a newer version has been finished, or a server still runs that is older
 * than the version before this one. Contracts of this version wait for `finishMigrations`, except in a
 * database that never was migrated.
 */
export function migrate(storage: Storage, migrations: readonly Migration[]): Promise<string[]> {
  const mine = schemaVersionOf(migrations)
  return changeSchema(storage, async (tx, state, applied) => {
    requireCompatible(state, mine)
    const isNew = applied.length === 0
    const minimum = Math.max(state.minimum, isNew ? mine : mine - 1)
    if (!isNew && minimum > state.minimum) await requireNoneOlder(tx.db, storage.dialect, minimum)
    const now = migrations.filter(
      ({ name, kind, since }) => kind === 'expand' || since <= minimum || applied.includes(name),
    )
    requireKnown(migrations, applied, state, mine)
    const names = await apply(tx.db, storage.dialect, now, applied)
    await writeSchemaState(tx, { version: Math.max(state.version, mine), minimum })
    return names
  })
}

/**
 * Applies everything that is left, and returns the names; from then on only this version and later ones
 * serve the database. Throws SchemaVersionError, and changes nothing, while an older server is alive.
 */
export function finishMigrations(
  storage: Storage,
  migrations: readonly Migration[],
): Promise<string[]> {
  const mine = schemaVersionOf(migrations)
  return changeSchema(storage, async (tx, state, applied) => {
    requireCompatible(state, mine)
    // Somebody else's upgrade: its own release finishes it.
    if (state.version > mine) return []
    requireKnown(migrations, applied, state, mine)
    await requireNoneOlder(tx.db, storage.dialect, mine)
    const names = await apply(tx.db, storage.dialect, migrations, applied)
    await writeSchemaState(tx, { version: mine, minimum: mine })
    return names
  })
}

/** What a newer version added is none of ours; of this version and older ones we know all. */
function requireKnown(
  migrations: readonly Migration[],
  applied: readonly string[],
  state: SchemaState,
  mine: number,
): void {
  if (state.version > mine) return
  const known = new Set(migrations.map(({ name }) => name))
  const strange = applied.find((name) => !known.has(name))
  if (strange === undefined) return
  throw new SchemaVersionError(
    `The database has the migration ${strange}, which this release does not know: another build made it. Start that one.`,
  )
}

function changeSchema(
  storage: Storage,
  change: (tx: Transaction, state: SchemaState, applied: readonly string[]) => Promise<string[]>,
): Promise<string[]> {
  const { dialect } = storage
  return storage.write(async (tx) => {
    await lockSchema(tx.db, dialect, 'alone')
    if (dialect === 'postgres') {
      await sql.raw(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`).execute(tx.db)
    }
    await createSchemaTables(tx.db, dialect)
    const state = (await findSchemaState(tx.db)) ?? { version: 1, minimum: 0 }
    return change(tx, state, await listMigrations(tx.db))
  }, 'unhurried')
}

/** Version by version, so that an old database and a new one see the same order. */
async function apply(
  db: Transaction['db'],
  dialect: Dialect,
  migrations: readonly Migration[],
  applied: readonly string[],
): Promise<string[]> {
  const names = migrations.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two migrations are named ${twice}`)

  const byName: Record<string, { up(db: Kysely<unknown>): Promise<void> }> = {}
  for (const name of applied) byName[name] = { up: async () => {} }
  const now: string[] = []
  for (const stage of stagesOf(migrations)) {
    for (const { name, up } of stage) byName[name] = { up: (db) => up(db, dialect) }
    if (stage.some(({ name }) => !applied.includes(name))) now.push(...(await run(db, byName)))
  }
  return now
}

async function run(
  db: Transaction['db'],
  byName: Record<string, { up(db: Kysely<unknown>): Promise<void> }>,
): Promise<string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => byName },
    allowUnorderedMigrations: true,
    // They are in one already.
    disableTransactions: true,
  })
  const { error, results } = await migrator.migrateToLatest()
  const failed = results?.find((result) => result.status === 'Error')
  if ((error as { code?: unknown } | undefined)?.code === LOCK_NOT_AVAILABLE) {
    throw new StorageBusyError(
      `A table that has to be changed (migration ${failed?.migrationName}) is in use, by a backup say: nothing was changed. Start again when that is over.`,
      { cause: error },
    )
  }
  if (failed) throw new Error(`migration ${failed.migrationName} failed`, { cause: error })
  if (error) throw error
  return (results ?? []).map((result) => result.migrationName)
}

function stagesOf(migrations: readonly Migration[]): readonly (readonly Migration[])[] {
  const versions = [...new Set(migrations.map(({ since }) => since))].sort((a, b) => a - b)
  return versions.flatMap((version) =>
    (['expand', 'contract'] as const).map((kind) =>
      migrations.filter((migration) => migration.since === version && migration.kind === kind),
    ),
  )
}
