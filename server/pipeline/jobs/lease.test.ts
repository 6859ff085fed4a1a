// The lease of the jobs, on both databases: one holder, and the database knows which.
import { describe, expect, it } from 'vitest'
import { migrate } from '../../storage/storage.ts'
import { dialects } from '../../storage/testing/dialects.ts'
import { leaseHolder } from './lease-holder.ts'
import { freeLease, LeaseLost, leaseStore } from './lease-store.ts'
import { jobsMigration } from './migrations/0001-jobs.ts'

const TIMES = { renewEveryMs: 10, takeAfterMs: 100 }

describe.each(dialects)('The lease on $name', (dialect) => {
  /** Processes over one database, each with a steady clock of its own. */
  async function processes(count: number) {
    const place = await dialect.freshPlace()
    const made = []
    for (let index = 0; index < count; index++) {
      const storage = await dialect.openAt(place)
      if (index === 0) await migrate(storage, [jobsMigration])
      const clock = { nowMs: 1000 * index }
      const holder = leaseHolder(leaseStore(storage), TIMES, () => clock.nowMs)
      const keep = () => storage.write((tx) => holder.keep(tx))
      made.push({ storage, clock, holder, keep })
    }
    return made as [Process, Process, ...Process[]]
  }
  type Process = {
    storage: Awaited<ReturnType<typeof dialect.openAt>>
    clock: { nowMs: number }
    holder: ReturnType<typeof leaseHolder>
    keep(): Promise<void>
  }

  it('goes to one of all that ask at once', async () => {
    const all = await processes(6)
    const held = await Promise.all(all.map(({ holder }) => holder.hold()))
    expect(held.filter(Boolean)).toHaveLength(1)
  })

  it('stays with a holder that shows life, however long', async () => {
    const [first, second] = await processes(2)
    await first.holder.hold()
    for (let round = 0; round < 10; round++) {
      expect(await second.holder.hold()).toBe(false)
      second.clock.nowMs += TIMES.takeAfterMs
      await first.keep()
    }
    expect(await first.holder.hold()).toBe(true)
  })

  it('is taken from a holder that was silent for the whole time, and not before', async () => {
    const [first, second] = await processes(2)
    await first.holder.hold()
    expect(await second.holder.hold()).toBe(false)
    second.clock.nowMs += TIMES.takeAfterMs - 1
    expect(await second.holder.hold()).toBe(false)
    second.clock.nowMs += 1
    expect(await second.holder.hold()).toBe(true)
    await expect(first.keep()).rejects.toThrow(LeaseLost)
    await second.keep()
  })

  it('is not taken by one that slept itself, before it has seen the holder be silent', async () => {
    const [first, second] = await processes(2)
    await first.holder.hold()
    await second.holder.hold()
    second.clock.nowMs += 1_000_000
    await first.keep()
    expect(await second.holder.hold()).toBe(false)
  })

  it('goes to one of many that would take it', async () => {
    const [first, ...others] = await processes(6)
    await first.holder.hold()
    await Promise.all(others.map(({ holder }) => holder.hold()))
    for (const { clock } of others) clock.nowMs += TIMES.takeAfterMs
    const held = await Promise.all(others.map(({ holder }) => holder.hold()))
    expect(held.filter(Boolean)).toHaveLength(1)
  })

  it('is had at once where its holder is known to have ended, who has lost it if it had not', async () => {
    const [first, second] = await processes(2)
    await freeLease(second.storage)
    await first.holder.hold()
    expect(await second.holder.hold()).toBe(false)
    await freeLease(second.storage)
    await expect(first.keep()).rejects.toThrow(LeaseLost)
    expect(await second.holder.hold()).toBe(true)
    await second.keep()
  })

  it('is had at once where its holder let go', async () => {
    const [first, second] = await processes(2)
    await first.holder.hold()
    await second.holder.hold()
    await first.holder.release()
    expect(first.holder.isHeld()).toBe(false)
    expect(await second.holder.hold()).toBe(true)
    // Letting go of what was taken does nothing to the taker.
    await first.holder.release()
    await second.keep()
  })

  it('holds a taker up until the transaction that keeps it has ended', async () => {
    const [first, second] = await processes(2)
    await first.holder.hold()
    await second.holder.hold()
    second.clock.nowMs += TIMES.takeAfterMs
    const order: string[] = []
    let taken: Promise<unknown> = Promise.resolve()
    await first.storage.write(async (tx) => {
      await first.holder.keep(tx)
      taken = second.holder.hold().then((held) => order.push(held ? 'taken' : 'not taken'))
      await new Promise((resolve) => setTimeout(resolve, 100))
      order.push('kept')
    })
    await taken
    // It showed life meanwhile, so the taker was too late.
    expect(order).toEqual(['kept', 'not taken'])
    await first.keep()
  })
})
