// For tests of what is cached: on PostgreSQL the feed repeats a process's own changes a little later, which drops
// once more what was read meanwhile.
import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import type { Storage } from '../storage.ts'

const TOPIC = 'test/settled'

/** Returns when everything that was announced before has been heard for the last time. */
export async function settleFeed(storage: Storage): Promise<void> {
  const subject = randomUUID()
  let heard = 0
  storage.changes.subscribe(TOPIC, {
    onChange(changed) {
      if (changed === subject) heard += 1
    },
    onReset() {},
  })
  await storage.write((tx) => tx.announce(TOPIC, subject))
  await vi.waitFor(() => {
    storage.changes.requireCurrent()
    expect(heard).toBe(storage.dialect === 'postgres' ? 2 : 1)
  }, WAIT)
}

const WAIT = { timeout: 30_000, interval: 10 }
