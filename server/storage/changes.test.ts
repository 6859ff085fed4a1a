import { sql } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import { StaleChangesError, type Storage, type StorageSettings } from './storage.ts'
import { dialects } from './testing/dialects.ts'
import { otherProcess } from './testing/other-process.ts'

/** The bound that the documentation states for PostgreSQL, which is also `staleAfterMs`. */
const boundMs = 1000
/** What has no bound comes true sooner or later. */
const SOON = { timeout: 10_000 }

function listen(storage: Storage, topic = 'keys') {
  const heard: string[] = []
  storage.changes.subscribe(topic, {
    onChange: (subject) => heard.push(subject),
    onReset: () => heard.push('reset'),
  })
  return heard
}

const announce = (storage: Storage, subject: string) =>
  storage.write((tx) => tx.announce('keys', subject))

describe.each(dialects)('The change feed on $name', ({ name, freshPlace, openAt }) => {
  it('carries the changes of another process here within the bound', async () => {
    const place = await freshPlace()
    const storage = await openAt(place)
    const heard = listen(storage)
    const other = await otherProcess(place)

    for (const subject of ['a', 'b', 'c']) {
      await other.ask({ do: 'announce', topic: 'keys', subject })
      if (name === 'sqlite') storage.changes.requireCurrent()
      else
        await vi.waitFor(() => expect(heard).toContain(subject), { timeout: boundMs, interval: 5 })
      expect(heard.at(-1)).toBe(subject)
    }
    expect(heard).toEqual(['reset', 'a', 'b', 'c'])
  })

  it('is current as soon as the storage is open, and stays so while nothing happens', async () => {
    const storage = await openAt(await freshPlace(), { pollEveryMs: 20, staleAfterMs: 500 })
    storage.changes.requireCurrent()
    await new Promise((resolve) => setTimeout(resolve, 700))

    expect(() => storage.changes.requireCurrent()).not.toThrow()
  })

  it('carries more changes than one look fetches, in order', async () => {
    const place = await freshPlace()
    const writer = await openAt(place)
    const reader = await openAt(place, { pollEveryMs: 20 })
    const heard = listen(reader)
    const subjects = Array.from({ length: 2500 }, (_, index) => `s${index}`)
    await writer.write(async (tx) => {
      for (const subject of subjects) await tx.announce('keys', subject)
    })

    if (name === 'sqlite') reader.changes.requireCurrent()
    else await vi.waitFor(() => expect(heard).toHaveLength(2501), SOON)
    expect(heard).toEqual(['reset', ...subjects])
  })

  it('misses nothing and keeps the order when many write at once', async () => {
    const place = await freshPlace()
    const writers = await Promise.all([1, 2, 3].map(() => openAt(place)))
    const reader = await openAt(place, { pollEveryMs: 1 })
    const heard = listen(reader)
    let writing = true
    const looking = (async () => {
      while (writing) {
        reader.changes.requireCurrent()
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })()
    let attempts = 0
    const writes = Array.from({ length: 300 }, (_, index) =>
      writers[index % 3]?.write(async (tx) => {
        attempts += 1
        await tx.announce('keys', `s${index}`)
        await sql`select 1`.execute(tx.db)
        await tx.announce('keys', `t${index}`)
      }),
    )
    await Promise.all(writes)
    writing = false
    await looking

    await vi.waitFor(() => {
      reader.changes.requireCurrent()
      expect(heard).toHaveLength(601)
    }, SOON)
    const { rows } = await sql<{
      subject: string
    }>`select subject from changes order by number`.execute(reader.read)
    expect(heard).toEqual(['reset', ...rows.map(({ subject }) => subject)])
    expect(attempts).toBe(300)
  })

  it('forgets old changes, but resets a process that had not heard them', async () => {
    const place = await freshPlace()
    let nowMs = 0
    const settings: StorageSettings = { now: () => nowMs, keepChangesMs: 1000 }
    const writer = await openAt(place, settings)
    await announce(writer, 'first')
    const slow = await openAt(place, { pollEveryMs: 1500, staleAfterMs: 10_000 })
    const heard = listen(slow)
    await announce(writer, 'second')
    nowMs = 5000
    await announce(writer, 'third')
    const { rows } = await sql<{ subject: string }>`select subject from changes`.execute(
      writer.read,
    )
    expect(rows).toEqual([{ subject: 'third' }])

    await vi.waitFor(() => {
      slow.changes.requireCurrent()
      expect(heard).toEqual(['reset', 'reset'])
    }, SOON)
    await announce(writer, 'fourth')
    await vi.waitFor(() => {
      slow.changes.requireCurrent()
      expect(heard).toEqual(['reset', 'reset', 'fourth'])
    }, SOON)
  })

  it('refuses while the feed cannot be read, and misses nothing once it can', async () => {
    const place = await freshPlace()
    const settings: StorageSettings = { pollEveryMs: 20, staleAfterMs: 200 }
    const storage = await openAt(place, settings)
    const writer = await openAt(place)
    const heard = listen(storage)
    await writer.write((tx) => sql`alter table changes rename to elsewhere`.execute(tx.db))

    await vi.waitFor(
      () => expect(() => storage.changes.requireCurrent()).toThrow(StaleChangesError),
      SOON,
    )
    await writer.write(async (tx) => {
      await sql`alter table elsewhere rename to changes`.execute(tx.db)
      await tx.announce('keys', 'meanwhile')
    })
    await vi.waitFor(() => expect(() => storage.changes.requireCurrent()).not.toThrow(), SOON)
    expect(heard).toEqual(['reset', 'meanwhile'])
  })

  it('refuses while a listener keeps failing, without keeping the write or others from it', async () => {
    const storage = await openAt(await freshPlace())
    let broken = false
    const fail = () => {
      if (broken) throw new Error('broken')
    }
    storage.changes.subscribe('keys', { onChange: fail, onReset: fail })
    const heard = listen(storage)
    broken = true
    await announce(storage, 'a')

    expect(heard).toEqual(['reset', 'a'])
    expect(() => storage.changes.requireCurrent()).toThrow(StaleChangesError)
    broken = false
    expect(() => storage.changes.requireCurrent()).not.toThrow()
  })
})
