// The lease under which one process runs the jobs of all. Whether its holder lives is seen by its beat,
// with the observer's own steady clock: nobody compares wall clocks. Whether a process still is the
// holder is asked within each transaction that depends on it: there the fence decides, not time.
import { sql } from 'kysely'
import type { Storage, Transaction } from '../../storage/storage.ts'
import type { JobTables } from './tables.ts'

/** The lease as it stands in the database. */
export type LeaseRow = {
  readonly holder: string | null
  readonly fence: number
  readonly beat: number
}

/** The right to run jobs, as far as a process knows. */
export type Lease = { readonly holder: string; readonly fence: number }

/** Another process has taken the lease meanwhile: nothing may be done under the old one. */
export class LeaseLost extends Error {}

export type LeaseStore = {
  find(): Promise<LeaseRow | undefined>
  /** Takes the lease from where `seen` left it; nothing where somebody was faster. */
  take(seen: LeaseRow | undefined, holder: string): Promise<Lease | undefined>
  /**
   * Shows life, and holds the lease until the transaction ends: whoever takes it waits for that end.
   * Throws LeaseLost where it was taken already.
   */
  keep(tx: Transaction, lease: Lease): Promise<void>
  /** Lets go, so that another process need not wait. */
  release(lease: Lease): Promise<void>
}

const NAME = 'jobs'

/** Takes the lease from a holder that is known to have ended: nobody need wait for it to be silent. */
export async function freeLease(storage: Storage): Promise<void> {
  await storage.write(async (tx) => {
    await tx.db
      .$extendTables<JobTables>()
      .updateTable('job_lease')
      .set((row) => ({ holder: null, fence: row('fence', '+', 1) }))
      .where('name', '=', NAME)
      .where('holder', 'is not', null)
      .execute()
  })
}

export function leaseStore(storage: Storage): LeaseStore {
  const db = storage.read.$extendTables<JobTables>()
  const tables = (tx: Transaction) => tx.db.$extendTables<JobTables>()

  return {
    find: () =>
      db
        .selectFrom('job_lease')
        .select(['holder', 'fence', 'beat'])
        .where('name', '=', NAME)
        .executeTakeFirst(),
    take: (seen, holder) =>
      storage.write(async (tx) => {
        if (seen === undefined) {
          const made = await tables(tx)
            .insertInto('job_lease')
            .values({ name: NAME, holder, fence: 1, beat: 0 })
            .onConflict((conflict) => conflict.doNothing())
            .returning('fence')
            .executeTakeFirst()
          return made && { holder, fence: made.fence }
        }
        const fence = seen.fence + 1
        const { numUpdatedRows } = await tables(tx)
          .updateTable('job_lease')
          .set({ holder, fence, beat: 0 })
          .where('name', '=', NAME)
          .where('fence', '=', seen.fence)
          .where('beat', '=', seen.beat)
          .executeTakeFirst()
        return numUpdatedRows === 1n ? { holder, fence } : undefined
      }),
    async keep(tx, { holder, fence }) {
      if (storage.dialect === 'postgres') {
        // A holder that freezes in the middle keeps its locks: the server ends its session for it.
        await sql`set local idle_in_transaction_session_timeout = 10000`.execute(tx.db)
      }
      const { numUpdatedRows } = await tables(tx)
        .updateTable('job_lease')
        .set((row) => ({ beat: row('beat', '+', 1) }))
        .where('name', '=', NAME)
        .where('holder', '=', holder)
        .where('fence', '=', fence)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new LeaseLost('another process runs the jobs')
    },
    release: ({ holder, fence }) =>
      storage.write(async (tx) => {
        await tables(tx)
          .updateTable('job_lease')
          .set({ holder: null })
          .where('name', '=', NAME)
          .where('holder', '=', holder)
          .where('fence', '=', fence)
          .execute()
      }),
  }
}
