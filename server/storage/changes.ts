// The change feed: a table of announced changes that every process follows, so that a cache never
// outlives a revocation by more than a stated bound. This file holds what both dialects share.
// Numbers have no gaps and the newest row is never pruned: a reader that finds its last row followed
// by the next number knows that it missed nothing, and anything else means that it must start over.

import type { ExpressionBuilder, Kysely } from 'kysely'

export type ChangeListener = {
  /** Something about this subject changed: forget what is cached of it. Called in commit order. */
  onChange(subject: string): void
  /** Forget everything cached. Called on subscribing, and whenever the feed cannot vouch for the past. */
  onReset(): void
}

/** How a process hears of changes, its own and those of others. */
export type ChangeFeed = {
  /**
   * Listens to one topic. A change may be heard twice. A listener that throws is reset; while its
   * `onReset` throws too, `requireCurrent` refuses for the whole process.
   */
  subscribe(topic: string, listener: ChangeListener): void
  /**
   * Throws StaleChangesError when this process cannot know that it is current, and then the process
   * must refuse. SQLite: looks, now; the bound is zero. PostgreSQL: throws when the last successful
   * look began more than `staleAfterMs` ago.
   */
  requireCurrent(): void
}

export type ChangeRow = { number: number; topic: string; subject: string; at_ms: number }
export type ChangeTables = { changes: ChangeRow }
export type Announcement = { readonly topic: string; readonly subject: string }

/** How many rows one look fetches at most. */
export const changesPerLook = 1000

/** The rows from the last one seen on, that one included; its parameters differ by dialect. */
export function changesFrom(number: string, limit: string) {
  return `select number, topic, subject, at_ms from changes
    where number >= ${number} order by number limit ${limit}`
}

/** Creates the feed's table. Give it a transaction that excludes other creators. */
export async function createChangesTable(db: Kysely<ChangeTables>, integer: 'integer' | 'bigint') {
  await db.schema
    .createTable('changes')
    .ifNotExists()
    .addColumn('number', integer, (column) => column.primaryKey())
    .addColumn('topic', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('at_ms', integer, (column) => column.notNull())
    .execute()
  const index = db.schema.createIndex('changes_at_ms').ifNotExists().on('changes').column('at_ms')
  await index.execute()
}

/** Writes a transaction's announcements, as its last statements. Nothing announced, nothing done. */
type ChangeRecorder = (
  db: Kysely<ChangeTables>,
  announcements: readonly Announcement[],
) => Promise<void>

/**
 * Makes the recorder of one process. The caller holds the feed's lock, or is SQLite's only writer;
 * without it the primary key would still refuse a number that is taken twice.
 */
export function changeRecorder(settings: {
  readonly now: () => number
  readonly keepChangesMs: number
}): ChangeRecorder {
  let pruneAtMs = 0

  return async (db, announcements) => {
    if (announcements.length === 0) return
    const nowMs = settings.now()
    const newest = await db.selectFrom('changes').select(newestNumber).executeTakeFirstOrThrow()
    const next = (newest.number ?? 0) + 1
    const rows = announcements.map(({ topic, subject }, index) => {
      return { number: next + index, topic, subject, at_ms: nowMs }
    })
    for (let start = 0; start < rows.length; start += rowsPerInsert) {
      const some = rows.slice(start, start + rowsPerInsert)
      await db.insertInto('changes').values(some).execute()
    }

    if (nowMs < pruneAtMs) return
    pruneAtMs = nowMs + settings.keepChangesMs / 10
    // The newest row stays, for it was written now: every reader needs it to find its place.
    const oldestMs = nowMs - settings.keepChangesMs
    await db.deleteFrom('changes').where('at_ms', '<', oldestMs).execute()
  }
}

/** Both databases limit the parameters of one statement. */
const rowsPerInsert = 1000

const newestNumber = (select: ExpressionBuilder<ChangeTables, 'changes'>) =>
  select.fn.max<number | null>('number').as('number')
