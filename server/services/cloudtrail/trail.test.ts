// The writing end of the trail: group commit, failing closed, recovery, and what dead writers left.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { dialects } from '../../storage/testing/dialects.ts'
import { openChainRegister } from './chain-store.ts'
import { trailMigration } from './migrations/0001-trail.ts'
import { openOutbox } from './outbox-store.ts'
import {
  type MemoryJournal,
  memoryJournal,
  newHeadKeys,
  openTestedTrail,
  verifyJournal,
} from './testing/trail-parts.ts'

/** What has no bound comes true sooner or later. */
const SOON = { timeout: 10_000 }

const FULL = new Error('no space left on device')
const idOf = (event: number) => `00000000-0000-4000-8000-${String(event).padStart(12, '0')}`
const recordOf = (event: number) => `{"eventVersion":"1.11","eventID":"${idOf(event)}"}`

describe.each(dialects)('The trail on $name', (dialect) => {
  async function fresh() {
    const storage = await dialect.freshStorage([trailMigration])
    const journal = memoryJournal()
    const key = newHeadKeys()
    const outbox = openOutbox(storage)
    const open = () => openTestedTrail(storage, journal, key)
    const verify = () => verifyJournal(storage, journal, key)
    return { storage, journal, outbox, key, open, verify }
  }

  /** Commits a change together with its record, as the pipeline does. */
  async function change(
    { storage }: Pick<Awaited<ReturnType<typeof fresh>>, 'storage'>,
    trail: Awaited<ReturnType<typeof openTestedTrail>>,
    event: number,
  ) {
    await storage.write((tx) => trail.enlist(tx, idOf(event), recordOf(event)))
    trail.committed(idOf(event), recordOf(event))
  }

  it('answers a record only when its batch is durable', async () => {
    const { journal, open, verify } = await fresh()
    const trail = await open()
    const release = journal.hold()
    let durable = false
    const recorded = trail.record('first').then(() => {
      durable = true
    })
    await sleep(20)
    expect(durable).toBe(false)
    release()
    await recorded
    expect(await verify()).toMatchObject({ valid: true, texts: ['first'] })
  })

  it('makes the records that come while one batch is written durable in one more', async () => {
    const { journal, open, verify } = await fresh()
    const trail = await open()
    const before = journal.appends
    const release = journal.hold()
    const texts = Array.from({ length: 500 }, (_, index) => `record ${index}`)
    const first = trail.record('first')
    await sleep(5)
    const others = texts.map((text) => trail.record(text))
    release()
    await Promise.all([first, ...others])
    expect(journal.appends - before).toBe(2)
    expect(await verify()).toMatchObject({ valid: true, texts: ['first', ...texts], records: 501 })
  })

  it('makes the records of one turn durable in one batch', async () => {
    const { journal, open } = await fresh()
    const trail = await open()
    const before = journal.appends
    await Promise.all(Array.from({ length: 100 }, (_, index) => trail.record(`record ${index}`)))
    expect(journal.appends - before).toBe(1)
  })

  it('signs what it recorded although nothing follows, and not every batch', async () => {
    const { journal, open, verify } = await fresh()
    const trail = await open()
    for (let count = 0; count < 20; count++) await trail.record(`record ${count}`)
    await vi.waitFor(async () => expect((await verify()).unsigned).toEqual([]), { timeout: 4000 })
    const batches = [...journal.chains.values()].flat()
    const signed = batches.filter((lines) => lines.includes('"signature"'))
    expect(signed.length).toBeGreaterThanOrEqual(2)
    expect(signed.length).toBeLessThan(batches.length / 2)
  })

  it('signs when it is closed, and closes at that batch', async () => {
    const { journal, storage, open, verify } = await fresh()
    const trail = await open()
    await trail.record('first')
    await trail.close()
    const [batches] = [...journal.chains.values()]
    expect(batches?.map((lines) => lines.includes('"signature"'))).toEqual([true, false, true])
    expect(await openChainRegister(storage).list()).toMatchObject([{ closedAtBatch: 2 }])
    expect(await verify()).toMatchObject({ valid: true, records: 1, unsigned: [] })
  })

  it('refuses while the journal fails, tells why, and recovers by itself', async () => {
    const { journal, open, verify } = await fresh()
    const trail = await open()
    await trail.record('before')
    expect(trail.failure()).toBeUndefined()
    journal.failure = FULL
    for (let times = 0; times < 3; times++) {
      await expect(trail.record(`refused ${times}`)).rejects.toThrow(FULL)
      expect(trail.failure()).toBe(FULL)
    }
    journal.failure = undefined
    await vi.waitFor(() => expect(trail.failure()).toBeUndefined(), { timeout: 2000 })
    await trail.record('after')
    const { valid, texts } = await verify()
    expect(valid).toBe(true)
    // The first refused one may stand there, as a call that was tried; none stands there twice.
    expect(texts).toEqual(['before', 'refused 0', 'after'])
  })

  it('does not ask a failing journal more and more often', async () => {
    const { journal, open } = await fresh()
    const trail = await open()
    journal.failure = FULL
    for (let times = 0; times < 50; times++) {
      await expect(trail.record('refused')).rejects.toThrow(FULL)
    }
    await sleep(50)
    const before = journal.appends
    await sleep(1100)
    expect(journal.appends - before).toBeLessThanOrEqual(3)
  })

  it('chains the record of a change once, and takes it out of the outbox', async () => {
    const parts = await fresh()
    const trail = await parts.open()
    await change(parts, trail, 1)
    await vi.waitFor(async () => expect(await parts.outbox.list()).toEqual([]), SOON)
    expect((await parts.verify()).texts).toEqual([recordOf(1)])
  })

  it('chains no record of a change that was rolled back', async () => {
    const { storage, outbox, open, verify } = await fresh()
    const trail = await open()
    const refused = storage.write(async (tx) => {
      await trail.enlist(tx, idOf(1), recordOf(1))
      throw new Error('no')
    })
    await expect(refused).rejects.toThrow('no')
    expect(await outbox.list()).toEqual([])
    expect((await verify()).texts).toEqual([])
  })

  it('chains the record of a change once although the journal failed meanwhile', async () => {
    const parts = await fresh()
    const trail = await parts.open()
    parts.journal.failure = FULL
    await change(parts, trail, 1)
    await sleep(20)
    // This one waits while the first is being tried again.
    await change(parts, trail, 2)
    await sleep(700)
    parts.journal.failure = undefined
    await vi.waitFor(async () => expect(await parts.outbox.list()).toEqual([]), { timeout: 4000 })
    const { valid, texts } = await parts.verify()
    expect([valid, [...texts].sort()]).toEqual([true, [recordOf(1), recordOf(2)]])
  })

  it('keeps the record of a change that waits for its journal from those who take over', async () => {
    const parts = await fresh()
    const { journal, outbox, open, verify } = parts
    const [living, other] = [await open(), await open()]
    journal.failure = FULL
    await change(parts, living, 1)
    const [{ writer } = { writer: '' }] = await outbox.list()
    await outbox.keep(writer, Date.now() - 60_000)
    await living.adopt(30_000)
    expect(await other.adopt(30_000)).toBe(0)
    journal.failure = undefined
    await vi.waitFor(async () => expect((await verify()).texts).toEqual([recordOf(1)]), {
      timeout: 5000,
    })
    await Promise.all([living.close(), other.close()])
    expect(await verify()).toMatchObject({ valid: true, texts: [recordOf(1)] })
  })

  it('ends its chain in good order: all that was given to it is there', async () => {
    const parts = await fresh()
    const trail = await parts.open()
    const recorded = Promise.all(['a', 'b'].map((text) => trail.record(text)))
    await change(parts, trail, 3)
    await trail.close()
    await recorded
    expect(await parts.outbox.list()).toEqual([])
    expect((await parts.verify()).texts).toEqual(['a', 'b', recordOf(3)])
  })

  it('names the heads of the chains before it', async () => {
    const { journal, open, verify } = await fresh()
    const first = await open()
    await first.record('a')
    await first.close()
    await open()
    const { valid, chains, checkpoint } = await verify()
    expect([valid, chains]).toEqual([true, 2])
    const last = [...journal.chains.values()].at(-1)?.[0]?.toString() ?? ''
    expect(JSON.parse(last.split('\n')[0] ?? '').opening.previous).toEqual([checkpoint[0]])
  })

  describe('What a dead writer left in the outbox', () => {
    /** Two changes of a writer that died: the record of the first had reached its chain. */
    async function died(journal: MemoryJournal, parts: Awaited<ReturnType<typeof fresh>>) {
      const dead = await parts.open()
      const chain = [...journal.chains.keys()].at(-1) as string
      await dead.record(recordOf(1))
      await parts.storage.write(async (tx) => {
        const long = Date.now() - 60_000
        for (const event of [1, 2]) {
          const entry = { eventId: idOf(event), writer: chain, record: recordOf(event) }
          await parts.outbox.insert(tx, entry, long)
        }
      })
      return dead
    }

    it('is chained once, whoever of the living takes it over', async () => {
      const parts = await fresh()
      await died(parts.journal, parts)
      const living = await Promise.all([parts.open(), parts.open(), parts.open()])
      await Promise.all(living.map((trail) => trail.adopt(10_000)))
      await vi.waitFor(async () => expect(await parts.outbox.list()).toEqual([]), SOON)
      const { valid, texts } = await parts.verify()
      expect([valid, [...texts].sort()]).toEqual([true, [recordOf(1), recordOf(2)]])
    })

    it('is chained once although the one that took it over died as well', async () => {
      const parts = await fresh()
      await died(parts.journal, parts)
      const second = await parts.open()
      // It dies with the record in its hands, before anything of it is durable.
      parts.journal.failure = FULL
      await second.adopt(10_000)
      await second.close()
      parts.journal.failure = undefined
      const third = await parts.open()
      await third.adopt(-60_000)
      await vi.waitFor(async () => expect(await parts.outbox.list()).toEqual([]), SOON)
      const { texts } = await parts.verify()
      expect([...texts].sort()).toEqual([recordOf(1), recordOf(2)])
    })

    it('is left alone while it is young', async () => {
      const parts = await fresh()
      await died(parts.journal, parts)
      const trail = await parts.open()
      expect(await trail.adopt(120_000)).toBe(0)
      expect(await parts.outbox.list()).toHaveLength(2)
    })

    it('is taken over although the dead writer’s chain is gone', async () => {
      const parts = await fresh()
      await died(parts.journal, parts)
      parts.journal.chains.clear()
      const trail = await parts.open()
      await trail.adopt(10_000)
      await vi.waitFor(async () => expect(await parts.outbox.list()).toEqual([]), SOON)
      const { texts } = await parts.verify()
      expect([...texts].sort()).toEqual([recordOf(1), recordOf(2)])
    })
  })
})
