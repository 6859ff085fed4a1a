// The storage for several nodes: PostgreSQL, or what speaks its protocol. Transactions are READ
// COMMITTED and begin again after a serialization failure, a deadlock or a lost connection.

import { sql } from 'kysely'
import {
  type Announcement,
  type ChangeTables,
  changeRecorder,
  createChangesTable,
} from './changes.ts'
import { columnTypes } from './column-types.ts'
import type { CompleteSettings, Storage, Transaction } from './contract.ts'
import { CommitOutcomeUnknownError, StorageClosedError } from './errors.ts'
import { readPostgresUrl } from './postgres-address.ts'
import { followPostgresChanges } from './postgres-changes.ts'
import { kyselyOverPostgres } from './postgres-database.ts'
import { postgresPool } from './postgres-pool.ts'
import { type PostgresSession, postgresConnector } from './postgres-session.ts'
import { openPostgresSnapshot } from './postgres-snapshot.ts'
import { isPostgresCollision, transactOnPostgres } from './postgres-transaction.ts'
import { nestingGuard, untilItSucceeds } from './write-turns.ts'

/** Held from the numbering of changes to the commit, so that numbers become visible in order. */
const changesLock = 5_230_198_342

/** Opens the store, creating the feed's table where there is none. */
export async function openPostgresStorage(
  url: string,
  settings: CompleteSettings,
): Promise<Storage> {
  const connect = postgresConnector(readPostgresUrl(url), settings)
  const readers = postgresPool(
    () => connect({ readOnly: true }),
    settings.maxReadConnections,
    settings,
  )
  const writers = postgresPool(
    () => connect({ readOnly: false }),
    settings.maxWriteConnections,
    settings,
  )
  const read = kyselyOverPostgres(readers.lease)
  const record = changeRecorder(settings)
  const nesting = nestingGuard()
  const underWay = new Set<Promise<unknown>>()
  const snapshots = new Set<PostgresSession>()
  let closed = false

  const changes = await openChanges()

  async function openChanges() {
    try {
      const { wholeNumber } = columnTypes('postgres')
      await transactOnPostgres(await writers.lease(), undefined, async (db) => {
        await sql`select pg_advisory_xact_lock(${changesLock}::bigint)`.execute(db)
        await createChangesTable(db.$extendTables<ChangeTables>(), wholeNumber)
      })
      return await followPostgresChanges(() => connect({ readOnly: true }), settings)
    } catch (error) {
      readers.close()
      writers.close()
      throw error
    }
  }

  async function attempt<T>(work: (tx: Transaction) => Promise<T>, pace: 'unhurried' | undefined) {
    const announced: Announcement[] = []
    const announce = async (topic: string, subject: string) => {
      announced.push({ topic, subject })
    }
    try {
      const lease = await writers.lease()
      const result = await transactOnPostgres(lease, pace, async (db) => {
        const worked = await nesting.inside(() => work({ db, announce }))
        if (announced.length > 0) {
          await sql`select pg_advisory_xact_lock(${changesLock}::bigint)`.execute(db)
          await record(db.$extendTables<ChangeTables>(), announced)
        }
        return worked
      })
      changes.tell(announced)
      return result
    } catch (error) {
      if (error instanceof CommitOutcomeUnknownError) changes.tell(announced)
      throw error
    }
  }

  async function write<T>(work: (tx: Transaction) => Promise<T>, pace?: 'unhurried'): Promise<T> {
    nesting.requireOutside()
    if (closed) throw new StorageClosedError('the storage is closed')
    const deadlineMs = performance.now() + settings.busyDeadlineMs
    const writing = untilItSucceeds(() => attempt(work, pace), isPostgresCollision, deadlineMs)
    underWay.add(writing)
    try {
      return await writing
    } finally {
      underWay.delete(writing)
    }
  }

  return {
    dialect: 'postgres',
    read,
    changes,
    write,
    async openSnapshot() {
      if (closed) throw new StorageClosedError('the storage is closed')
      const session = await connect({ readOnly: true })
      snapshots.add(session)
      const snapshot = await openPostgresSnapshot(session)
      return {
        ...snapshot,
        async close() {
          snapshots.delete(session)
          await snapshot.close()
        },
      }
    },
    async ping() {
      await sql`select 1`.execute(read)
    },
    async close() {
      closed = true
      await Promise.allSettled(underWay)
      for (const session of snapshots) session.end()
      changes.close()
      readers.close()
      writers.close()
    },
  }
}
