// One attempt at a transaction on PostgreSQL, and what its failures mean.
// https://www.postgresql.org/docs/current/errcodes-appendix.html

import type { Kysely } from 'kysely'
import postgres from 'postgres'
import type { NoTables } from './contract.ts'
import { CommitOutcomeUnknownError, ConnectionLostError, StorageClosedError } from './errors.ts'
import { kyselyOverPostgres } from './postgres-database.ts'
import type { Lease } from './postgres-pool.ts'
import { requireWithinTransaction } from './write-turns.ts'

/** Whether nothing was written and the same work may succeed when it is begun again. */
export function isPostgresCollision(error: unknown): boolean {
  if (error instanceof ConnectionLostError) return true
  if (!(error instanceof postgres.PostgresError)) return false
  const isSerializationFailure = error.code === '40001'
  const isDeadlock = error.code === '40P01'
  const isNumberTaken = error.constraint_name === 'changes_pkey'
  // A newer server added a column under a prepared `select *`; the client has forgotten the statement.
  const isStalePlan = error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
  return isSerializationFailure || isDeadlock || isNumberTaken || isStalePlan
}

/** Runs `work` between begin and commit, and gives the lease back. */
export async function transactOnPostgres<T>(
  lease: Lease,
  pace: 'unhurried' | undefined,
  work: (db: Kysely<NoTables>) => Promise<T>,
): Promise<T> {
  const limitMs = pace === 'unhurried' ? Number.POSITIVE_INFINITY : undefined
  let open = true
  const db = kyselyOverPostgres(async () => ({
    async run(text, parameters) {
      if (!open) throw new StorageClosedError('this transaction has ended')
      requireWithinTransaction(text)
      return lease.run(text, parameters, limitMs)
    },
    release() {},
  }))

  try {
    await lease.run('begin isolation level read committed')
    if (pace === 'unhurried') await lease.run('set local statement_timeout = 0')
    const result = await work(db)
    open = false
    await commit(lease)
    lease.release()
    return result
  } catch (error) {
    open = false
    await lease.run('rollback').then(
      () => lease.release(),
      () => lease.release('spoiled'),
    )
    throw error
  }
}

async function commit(lease: Lease) {
  let command: string
  try {
    command = (await lease.run('commit')).command
  } catch (error) {
    // The server's word that it did not commit; a lost connection leaves it unsaid.
    if (!(error instanceof ConnectionLostError)) throw error
    throw new CommitOutcomeUnknownError('the connection broke during a commit', { cause: error })
  }
  if (command !== 'COMMIT') {
    // PostgreSQL answers the commit of a failed transaction with a rollback, and no error.
    throw new Error('a statement of this transaction failed, and its error was ignored')
  }
}
