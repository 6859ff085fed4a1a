// The change feed on PostgreSQL: a timer looks at it over a session of its own, which neither a full
// pool nor a long transaction can hold up. A process that has not looked in time refuses.

import { type ChangeFollower, followChanges } from './change-follower.ts'
import {
  type Announcement,
  type ChangeFeed,
  type ChangeRow,
  changesFrom,
  changesPerLook,
} from './changes.ts'
import type { CompleteSettings } from './contract.ts'
import { StaleChangesError } from './errors.ts'
import type { PostgresSession } from './postgres-session.ts'

type PostgresChanges = ChangeFeed & {
  /** Tells this process's listeners of its own change, without waiting for the next look. */
  tell(announcements: readonly Announcement[]): void
  close(): void
}

/** Looks once, fails if that fails, and from then on looks every `pollEveryMs` until closed. */
export async function followPostgresChanges(
  openSession: () => Promise<PostgresSession>,
  settings: CompleteSettings,
): Promise<PostgresChanges> {
  const from = changesFrom('$1', String(changesPerLook))
  let session = await openSession()
  let currentAtMs = performance.now()
  const follower: ChangeFollower = followChanges(await newestChange(session))
  let closed = false
  let timer = setTimeout(poll, settings.pollEveryMs).unref()

  async function look() {
    if (!session.isAlive) session = await openSession()
    if (closed) return session.end()
    let startedAtMs: number
    let rows: ChangeRow[]
    do {
      startedAtMs = performance.now()
      rows = (await session.run(
        from,
        [follower.last?.number ?? 0],
        settings.staleAfterMs,
      )) as ChangeRow[] & never
      follower.follow(rows)
    } while (rows.length === changesPerLook)
    // Every change committed before this look began has now been heard.
    currentAtMs = startedAtMs
  }

  /** Never overlaps itself, and never ends for an error: the next look opens another session. */
  async function poll() {
    try {
      await look()
    } catch {
      session.end()
    }
    if (!closed) timer = setTimeout(poll, settings.pollEveryMs).unref()
  }

  return {
    subscribe: follower.subscribe,
    tell: follower.tell,
    requireCurrent() {
      const ageMs = performance.now() - currentAtMs
      if (closed || ageMs > settings.staleAfterMs) {
        throw new StaleChangesError(`the change feed was last read ${Math.round(ageMs)} ms ago`)
      }
      follower.requireHeard()
    },
    close() {
      closed = true
      clearTimeout(timer)
      session.end()
    },
  }
}

async function newestChange(session: PostgresSession): Promise<ChangeRow | undefined> {
  const rows = await session.run('select * from changes order by number desc limit 1')
  return rows[0] as ChangeRow | undefined
}
