// The change feed on SQLite: every process shares one machine, so being current costs one query.

import type { DatabaseSync } from 'node:sqlite'
import { followChanges } from './change-follower.ts'
import { type ChangeFeed, type ChangeRow, changesFrom, changesPerLook } from './changes.ts'
import { StaleChangesError } from './errors.ts'

type SqliteChanges = ChangeFeed & {
  /** Looks for changes, now, and tells the listeners. Throws when it cannot look. */
  look(): void
}

/**
 * Follows the feed over a connection that nobody else uses: a read left open on a shared one would
 * show it an old snapshot.
 */
export function followSqliteChanges(database: DatabaseSync): SqliteChanges {
  const newest = database.prepare('select * from changes order by number desc limit 1')
  const follower = followChanges(newest.get() as ChangeRow | undefined)
  const from = database.prepare(changesFrom('?', String(changesPerLook)))
  // Asked at every request: two numbers without a name cost a third less than a row of the feed.
  const head = database.prepare('select number, at_ms from changes order by number desc limit 1')
  head.setReturnArrays(true)

  function isAtHead(): boolean {
    const [number, atMs] = (head.get() as unknown as number[] | undefined) ?? []
    return number === follower.last?.number && atMs === follower.last?.at_ms
  }

  function look() {
    if (isAtHead()) return
    let rows: ChangeRow[]
    do {
      rows = from.all(follower.last?.number ?? 0) as ChangeRow[]
      follower.follow(rows)
    } while (rows.length === changesPerLook)
  }

  return {
    subscribe: follower.subscribe,
    look,
    requireCurrent() {
      try {
        look()
      } catch (error) {
        throw new StaleChangesError('the change feed cannot be read', { cause: error })
      }
      follower.requireHeard()
    },
  }
}
