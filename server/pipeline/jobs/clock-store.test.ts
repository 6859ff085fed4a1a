// What is known of the clock, kept for all processes, on both databases.
import { describe, expect, it } from 'vitest'
import { migrate } from '../../storage/storage.ts'
import { dialects } from '../../storage/testing/dialects.ts'
import { TOLERATED_MS } from './clock-guard.ts'
import { clockGuard } from './clock-store.ts'
import { jobsMigration } from './migrations/0001-jobs.ts'
import { testClock } from './testing/runner-parts.ts'

describe.each(dialects)('The clock guard on $name', (dialect) => {
  async function two() {
    const place = await dialect.freshPlace()
    const first = await dialect.openAt(place)
    await migrate(first, [jobsMigration])
    const second = await dialect.openAt(place)
    return [first, second].map((storage) => {
      const guard = clockGuard(storage)
      const clock = testClock()
      return {
        guard,
        clock,
        watch: () => storage.write((tx) => guard.watch(tx, clock.read())),
        confirm: () => storage.write((tx) => guard.confirm(tx, clock.read())),
      }
    }) as [Looking, Looking]
  }
  type Looking = {
    guard: ReturnType<typeof clockGuard>
    clock: ReturnType<typeof testClock>
    watch(): Promise<string>
    confirm(): Promise<void>
  }

  it('knows nothing at first, and suspends nothing', async () => {
    const [{ guard }] = await two()
    expect(await guard.find()).toBeUndefined()
    expect(await guard.isSuspended()).toBe(false)
  })

  it('keeps what it saw for other processes and later starts', async () => {
    const [first, second] = await two()
    expect(await first.watch()).toBe('trusted')
    first.clock.set({ wallMs: first.clock.read().wallMs + TOLERATED_MS + 1 })
    expect(await first.watch()).toBe('suspended')
    expect(await second.guard.isSuspended()).toBe(true)
    expect((await second.guard.find())?.aheadMs).toBe(TOLERATED_MS + 1)
    // The clock of the other process is right, and yet nobody has said so.
    expect(await second.watch()).toBe('suspended')
  })

  it('takes an operator’s word from any process, and guards on from there', async () => {
    const [first, second] = await two()
    await first.watch()
    first.clock.set({ wallMs: first.clock.read().wallMs + 10 * TOLERATED_MS })
    await first.watch()
    second.clock.set(first.clock.read())
    await second.confirm()
    expect(await first.guard.isSuspended()).toBe(false)
    expect(await first.watch()).toBe('trusted')
    first.clock.set({ wallMs: first.clock.read().wallMs + TOLERATED_MS + 1 })
    expect(await first.watch()).toBe('suspended')
  })

  it('ends the watching of a clock where an operator confirms it', async () => {
    const [first] = await two()
    await first.watch()
    first.clock.set({ wallMs: first.clock.read().wallMs + 10 * TOLERATED_MS, boot: 'boot-2' })
    expect(await first.watch()).toBe('watched')
    expect(await first.guard.isSuspended()).toBe(true)
    await first.confirm()
    expect(await first.watch()).toBe('trusted')
  })

  it('is looked at by many at once', async () => {
    const [first, second] = await two()
    const looks = Array.from({ length: 20 }, (_, index) => (index % 2 ? first : second).watch())
    expect(new Set(await Promise.all(looks))).toEqual(new Set(['trusted']))
  })
})
