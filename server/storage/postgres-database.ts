// Shows a lease of a PostgreSQL session to Kysely, by way of its dialect for the `postgres` client.

import { type Dialect, Kysely, PostgresAdapter } from 'kysely'
import { PostgresJSDialect, type PostgresJSReservedSql } from 'kysely-postgres-js'
import type { NoTables } from './contract.ts'
import type { Lease } from './postgres-pool.ts'

/** What a query needs of a lease. */
type QueryLease = Pick<Lease, 'run' | 'release'>

/** Kysely over leases: one for each query, or the one lease of a transaction again and again. */
export function kyselyOverPostgres(lease: () => Promise<QueryLease>): Kysely<NoTables> {
  const client = {
    options: {},
    async end() {},
    async reserve() {
      const { run, release } = await lease()
      const unsafe = (text: string, parameters?: unknown[], options?: object) => {
        if (options) return run(text, parameters)
        // Kysely gives options to every statement but those whose rows it would stream.
        throw new Error('the storage does not stream: read page by page')
      }
      return { release, unsafe } as unknown as PostgresJSReservedSql
    },
  }
  const dialect = new PostgresJSDialect({ postgres: Object.assign(() => client, client) })
  return new Kysely({ dialect: withoutMigrationLock(dialect) })
}

/**
 * Kysely would lock a session while it migrates and leave it locked if the migration failed.
 * `migrate` holds a lock of its transaction instead.
 */
function withoutMigrationLock(dialect: PostgresJSDialect): Dialect {
  return {
    createAdapter: () =>
      Object.assign(new PostgresAdapter(), {
        async acquireMigrationLock() {},
        async releaseMigrationLock() {},
      }),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  }
}
