// A process's place in the change feed, and those who listen in this process.

import type { Announcement, ChangeListener, ChangeRow } from './changes.ts'
import { StaleChangesError } from './errors.ts'

export type ChangeFollower = {
  /** The last change seen, none while the feed is empty: ask for the rows from it on, it included. */
  readonly last: ChangeRow | undefined
  subscribe(topic: string, listener: ChangeListener): void
  /** Goes on from the rows that begin with the last one seen; anything else means a reset. */
  follow(rows: readonly ChangeRow[]): void
  /** Tells this process's listeners of its own changes before the feed repeats them. */
  tell(changes: readonly Announcement[]): void
  /** Throws while a listener fails even to forget: what it caches may be anything. */
  requireHeard(): void
}

/** Starts at `newest`, the newest row of the feed (nothing: the feed is empty). */
export function followChanges(newest: ChangeRow | undefined): ChangeFollower {
  const listeners = new Map<string, Set<ChangeListener>>()
  const deaf = new Set<ChangeListener>()
  let last = newest

  function reset(listener: ChangeListener) {
    try {
      listener.onReset()
      deaf.delete(listener)
    } catch {
      deaf.add(listener)
    }
  }

  function tell(changes: readonly Announcement[]) {
    for (const { topic, subject } of changes) {
      for (const listener of listeners.get(topic) ?? []) {
        try {
          listener.onChange(subject)
        } catch {
          reset(listener)
        }
      }
    }
  }

  function resetAll() {
    for (const group of listeners.values()) group.forEach(reset)
  }

  return {
    get last() {
      return last
    },
    subscribe(topic, listener) {
      const group = listeners.get(topic) ?? new Set()
      listeners.set(topic, group.add(listener))
      // What it cached before it listened was watched by nobody.
      reset(listener)
    },
    follow(rows) {
      const changes = last ? rows.slice(1) : rows
      const known = last === undefined || isSameRow(rows[0], last)
      const unbroken = changes.every((row, index) => row.number === (last?.number ?? 0) + 1 + index)
      // Moves on first: a listener may ask the feed again.
      if (known && unbroken) {
        last = changes.at(-1) ?? last
        tell(changes)
      } else {
        last = rows.at(-1)
        resetAll()
      }
    },
    tell,
    requireHeard() {
      deaf.forEach(reset)
      if (deaf.size > 0) throw new StaleChangesError('a listener of the change feed keeps failing')
    },
  }
}

/** A store put back to an earlier state may have given the same number to another change. */
function isSameRow(row: ChangeRow | undefined, last: ChangeRow): boolean {
  return (
    row?.number === last.number &&
    row.topic === last.topic &&
    row.subject === last.subject &&
    row.at_ms === last.at_ms
  )
}
