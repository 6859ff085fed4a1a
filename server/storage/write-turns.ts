// What both dialects do around a transaction: one at a time where there is one writer, no transaction
// inside a transaction, and again from the start after a collision, until a deadline.

import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageBusyError } from './errors.ts'

/** Runs tasks one after another, in the order they came; `idle` resolves when none is left. */
export function taskQueue() {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run<T>(task: () => Promise<T>): Promise<T> {
      const turn = last.then(task)
      last = turn.catch(() => {})
      return turn
    },
    idle: () => last,
  }
}

/** Refuses a write that is made while the `work` of another is running: it would wait for itself. */
export function nestingGuard() {
  const current = new AsyncLocalStorage<{ running: boolean }>()
  return {
    requireOutside() {
      if (current.getStore()?.running) {
        throw new Error('a write inside a write would wait for itself: use the transaction it has')
      }
    },
    async inside<T>(work: () => Promise<T>): Promise<T> {
      const scope = { running: true }
      try {
        return await current.run(scope, work)
      } finally {
        scope.running = false
      }
    },
  }
}

const transactionControl =
  /^\s*(begin|start|commit|end|abort|rollback(?!\s+to\b)|prepare\s+transaction)\b/i

/** Refuses a statement by which a transaction's work would begin or end a transaction itself. */
export function requireWithinTransaction(text: string) {
  if (transactionControl.test(text)) {
    throw new Error('the storage begins and ends its transactions by itself')
  }
}

/**
 * Repeats `attempt` while it fails in a way that `isCollision`, with a pause of 1 to 5 ms in which
 * the event loop is free. It is tried at least once, and not again after `deadlineMs`, a time of
 * `performance.now()`: then it fails with StorageBusyError.
 */
export async function untilItSucceeds<T>(
  attempt: () => T | Promise<T>,
  isCollision: (error: unknown) => boolean,
  deadlineMs: number,
): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!isCollision(error)) throw error
      if (performance.now() >= deadlineMs) {
        throw new StorageBusyError('the store stayed busy until the deadline', { cause: error })
      }
    }
    await sleep(1 + Math.random() * 4)
  }
}
