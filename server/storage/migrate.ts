// Brings the tables up to date: each migration once, all pending ones in one transaction.

import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Dialect, Storage } from './contract.ts'

export type Migration = {
  /** Unique and never changed afterwards: the service, a slash, a number, a word: `kms/0001-keys`. */
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: a migration speaks of tables no type knows yet
  up(db: Kysely<any>, dialect: Dialect): Promise<void>
}

/** Any number will do, as long as every server takes the same one. */
const migrationLock = 5_230_198_341

/**
 * Applies, by name, the migrations this store has not seen, and returns their names. All of them are
 * applied or none. Give it the migrations of every service at once: a store that was migrated by a
 * newer server, and so knows one that is missing here, is refused. Any number of servers may call it
 * at the same time; one migrates, and the others find nothing left to do.
 */
export function migrate(storage: Storage, migrations: readonly Migration[]): Promise<string[]> {
  const byName: Record<string, { up(db: Kysely<unknown>): Promise<void> }> = {}
  for (const { name, up } of migrations) {
    if (name in byName) throw new Error(`two migrations are named ${name}`)
    byName[name] = { up: (db) => up(db, storage.dialect) }
  }

  return storage.write(async (tx) => {
    if (storage.dialect === 'postgres') {
      await sql`select pg_advisory_xact_lock(${migrationLock}::bigint)`.execute(tx.db)
    }
    const migrator = new Migrator({
      db: tx.db,
      provider: { getMigrations: async () => byName },
      allowUnorderedMigrations: true,
      // They are in one already.
      disableTransactions: true,
    })
    const { error, results } = await migrator.migrateToLatest()
    const failed = results?.find((result) => result.status === 'Error')
    if (failed) throw new Error(`migration ${failed.migrationName} failed`, { cause: error })
    if (error) throw error
    return (results ?? []).map((result) => result.migrationName)
  }, 'unhurried')
}
