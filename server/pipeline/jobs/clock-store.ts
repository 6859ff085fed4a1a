// What is known of the clock, in the database: one row for all processes.
import type { Storage, Transaction } from '../../storage/storage.ts'
import {
  type ClockReading,
  type ClockState,
  type ClockStatus,
  statusOf,
  trustedFrom,
  watched,
} from './clock-guard.ts'
import type { JobTables } from './tables.ts'

export type ClockGuard = {
  /** Looks at the clock and tells whether what cannot be undone may be done by it. */
  watch(tx: Transaction, reading: ClockReading): Promise<ClockStatus>
  /** Nothing before the first look. */
  find(): Promise<ClockState | undefined>
  /** Whether deletion waits, for an operator or for the clock to be watched longer. */
  isSuspended(): Promise<boolean>
  /** An operator says that this clock is right. */
  confirm(tx: Transaction, reading: ClockReading): Promise<void>
}

const NAME = 'clock'
const MAX_TRIES = 10

export function clockGuard(storage: Storage): ClockGuard {
  const db = storage.read.$extendTables<JobTables>()

  /** Replaces the state; again where another process replaced it meanwhile. */
  async function replace(
    tx: Transaction,
    next: (state: ClockState | undefined) => ClockState,
  ): Promise<ClockState> {
    const tables = tx.db.$extendTables<JobTables>()
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const row = await tables
        .selectFrom('job_clock')
        .selectAll()
        .where('name', '=', NAME)
        .executeTakeFirst()
      const state = next(row && readState(row))
      if (row === undefined) {
        const made = await tables
          .insertInto('job_clock')
          .values({ name: NAME, version: 1, ...columns(state) })
          .onConflict((conflict) => conflict.doNothing())
          .returning('name')
          .executeTakeFirst()
        if (made !== undefined) return state
        continue
      }
      const { numUpdatedRows } = await tables
        .updateTable('job_clock')
        .set({ version: row.version + 1, ...columns(state) })
        .where('name', '=', NAME)
        .where('version', '=', row.version)
        .executeTakeFirst()
      if (numUpdatedRows === 1n) return state
    }
    throw new Error('what is known of the clock keeps changing')
  }

  async function find(): Promise<ClockState | undefined> {
    const row = await db
      .selectFrom('job_clock')
      .selectAll()
      .where('name', '=', NAME)
      .executeTakeFirst()
    return row && readState(row)
  }

  return {
    async watch(tx, reading) {
      return statusOf(await replace(tx, (state) => watched(state, reading)))
    },
    find,
    async isSuspended() {
      const state = await find()
      return state !== undefined && statusOf(state) !== 'trusted'
    },
    async confirm(tx, reading) {
      await replace(tx, () => trustedFrom(reading))
    },
  }
}

function readState(row: JobTables['job_clock']): ClockState {
  return {
    boot: row.boot,
    seenMs: row.seen_ms,
    steadyMs: row.steady_ms,
    offsetMs: row.offset_ms,
    holdMs: row.hold_ms,
    aheadMs: row.ahead_ms ?? undefined,
  }
}

function columns(state: ClockState): Omit<JobTables['job_clock'], 'name' | 'version'> {
  return {
    boot: state.boot,
    seen_ms: state.seenMs,
    steady_ms: state.steadyMs,
    offset_ms: state.offsetMs,
    hold_ms: state.holdMs,
    ahead_ms: state.aheadMs ?? null,
  }
}
