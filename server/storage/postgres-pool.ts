// A bounded number of PostgreSQL sessions, lent one user at a time. A session that broke, or was given
// back in an unknown state, is never lent again.

import type { CompleteSettings } from './contract.ts'
import { StorageBusyError, StorageClosedError } from './errors.ts'
import type { PostgresResult, PostgresSession } from './postgres-session.ts'

/** A session of one's own, until it is given back. */
export type Lease = {
  run(text: string, parameters?: readonly unknown[], limitMs?: number): Promise<PostgresResult>
  /** Gives the session back. `spoiled`: in a state that nobody else should meet. */
  release(state?: 'clean' | 'spoiled'): void
}

type PostgresPool = {
  lease(): Promise<Lease>
  /** Ends the idle sessions now and those on lease when they come back. */
  close(): void
}

type Waiter = {
  resolve(session: PostgresSession): void
  reject(error: unknown): void
  readonly limit: NodeJS.Timeout
}

/** Sessions are replaced after this long, so that a changed role or certificate takes effect. */
const maxSessionAgeMs = 30 * 60_000

/** Makes a pool of at most `max` sessions, opened as they are needed. */
export function postgresPool(
  openSession: () => Promise<PostgresSession>,
  max: number,
  settings: CompleteSettings,
): PostgresPool {
  const idle: PostgresSession[] = []
  const waiters: Waiter[] = []
  let count = 0
  let closed = false

  function putBack(session: PostgresSession) {
    const usable = session.isAlive && performance.now() - session.openedAtMs < maxSessionAgeMs
    if (!closed && usable) {
      const waiter = nextWaiter()
      if (waiter) waiter.resolve(session)
      else idle.push(session)
      return
    }
    session.end()
    count -= 1
    serveWaiters()
  }

  function serveWaiters() {
    while (!closed && count < max) {
      const waiter = nextWaiter()
      if (!waiter) return
      open().then(waiter.resolve, waiter.reject)
    }
  }

  /** Whoever is served no longer runs out of time: a session that nobody takes would be lost. */
  function nextWaiter(): Waiter | undefined {
    const waiter = waiters.shift()
    clearTimeout(waiter?.limit)
    return waiter
  }

  async function open(): Promise<PostgresSession> {
    count += 1
    try {
      return await openSession()
    } catch (error) {
      count -= 1
      serveWaiters()
      throw error
    }
  }

  function waitForTurn(): Promise<PostgresSession> {
    const { promise, resolve, reject } = Promise.withResolvers<PostgresSession>()
    const limit = setTimeout(() => {
      waiters.splice(waiters.indexOf(waiter), 1)
      reject(new StorageBusyError('no connection to PostgreSQL became free in time'))
    }, settings.busyDeadlineMs)
    const waiter: Waiter = { resolve, reject, limit }
    waiters.push(waiter)
    return promise
  }

  async function borrow(): Promise<PostgresSession> {
    if (closed) throw new StorageClosedError('the storage is closed')
    for (let session = idle.pop(); session; session = idle.pop()) {
      if (session.isAlive) return session
      count -= 1
    }
    return count < max ? open() : waitForTurn()
  }

  return {
    async lease() {
      const session = await borrow()
      let held = true
      return {
        run(text, parameters, limitMs) {
          if (held) return session.run(text, parameters, limitMs)
          return Promise.reject(new StorageClosedError('the connection was given back already'))
        },
        release(state = 'clean') {
          if (!held) return
          held = false
          if (state === 'spoiled') session.end()
          putBack(session)
        },
      }
    },
    close() {
      closed = true
      for (const session of idle.splice(0)) session.end()
      for (let waiter = nextWaiter(); waiter; waiter = nextWaiter()) {
        waiter.reject(new StorageClosedError('the storage is closed'))
      }
    },
  }
}
