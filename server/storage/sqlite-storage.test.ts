import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type Storage, StorageBusyError } from './storage.ts'
import { sqlite } from './testing/dialects.ts'
import { otherProcess } from './testing/other-process.ts'

async function openWithTally() {
  const place = await sqlite.freshPlace()
  const storage = await sqlite.openAt(place)
  await storage.write(async (tx) => {
    await sql`create table tally (n integer not null)`.execute(tx.db)
    await sql`insert into tally values (0)`.execute(tx.db)
  })
  return { place, storage }
}

const countOne = (storage: Storage) =>
  storage.write((tx) => sql`update tally set n = n + 1`.execute(tx.db))

const tally = async (storage: Storage) =>
  (await sql<{ n: number }>`select n from tally`.execute(storage.read)).rows[0]?.n

describe('A SQLite file', () => {
  it('is readable by its owner alone, with all that stands beside it', async () => {
    const { place } = await openWithTally()
    for (const suffix of ['', '-wal', '-shm']) {
      const { mode } = statSync(`${'sqliteFile' in place ? place.sqliteFile : ''}${suffix}`)
      expect(mode & 0o777).toBe(0o600)
    }
  })

  it('is in WAL mode, synced at every commit, with foreign keys', async () => {
    const { storage } = await openWithTally()
    const pragma = async (name: string) => {
      const query = sql`${sql.raw(`pragma ${name}`)}`
      const rows = await storage.write(async (tx) => (await query.execute(tx.db)).rows)
      return Object.values(rows[0] as object)[0]
    }

    expect(await pragma('journal_mode')).toBe('wal')
    expect(await pragma('synchronous')).toBe(2)
    expect(await pragma('foreign_keys')).toBe(1)
    expect(await pragma('busy_timeout')).toBe(0)
  })

  it('takes the writes of several processes at once, losing none and starving nobody', async () => {
    const { place, storage } = await openWithTally()
    const others = await Promise.all([otherProcess(place), otherProcess(place)])
    const counting = others.map((other) => other.ask({ do: 'count', count: 300 }))
    await Promise.all(Array.from({ length: 300 }, () => countOne(storage)))
    await Promise.all(counting)

    expect(await tally(storage)).toBe(900)
  })

  it('leaves the event loop free while another process holds the lock', async () => {
    const { place, storage } = await openWithTally()
    const other = await otherProcess(place)
    await other.ask({ do: 'hold', ms: 300 })
    let turns = 0
    const turning = setInterval(() => (turns += 1), 5)
    await countOne(storage)
    clearInterval(turning)

    expect(turns).toBeGreaterThan(10)
    expect(await tally(storage)).toBe(1)
  })

  it('refuses a write when the lock stays taken until the deadline, and takes the next', async () => {
    const { place, storage } = await openWithTally()
    const hasty = await sqlite.openAt(place, { busyDeadlineMs: 50 })
    const other = await otherProcess(place)
    await other.ask({ do: 'hold', ms: 400 })
    let attempts = 0
    const refused = hasty.write(async () => {
      attempts += 1
    })

    await expect(refused).rejects.toThrow(StorageBusyError)
    expect(attempts).toBe(0)
    await countOne(storage)
    await expect(countOne(hasty)).resolves.toBeDefined()
  })

  it('can be opened while another process holds the lock', async () => {
    const { place } = await openWithTally()
    const other = await otherProcess(place)
    await other.ask({ do: 'hold', ms: 200 })

    expect(await tally(await sqlite.openAt(place))).toBe(0)
  })

  it('can be opened while another has it to itself, as who recovers the log of a killed process does', async () => {
    const { place, storage } = await openWithTally()
    await storage.close()
    const alone = new DatabaseSync('sqliteFile' in place ? place.sqliteFile : '')
    alone.exec('pragma locking_mode = exclusive; begin immediate; update tally set n = 7; commit')
    setTimeout(() => alone.close(), 50)

    expect(await tally(await sqlite.openAt(place))).toBe(7)
  })

  it('refuses the statements that follow a transaction which SQLite has ended', async () => {
    const { storage } = await openWithTally()
    const work = storage.write(async (tx) => {
      await sql`create unique index one_tally on tally (n)`.execute(tx.db)
      await sql`insert or rollback into tally values (0)`.execute(tx.db).catch(() => {})
      await sql`update tally set n = 100`.execute(tx.db)
    })

    await expect(work).rejects.toThrow('this transaction has ended')
    expect(await tally(storage)).toBe(0)
  })

  it('has a feed that a read left open elsewhere cannot hold back', async () => {
    const { place, storage } = await openWithTally()
    const heard: string[] = []
    storage.changes.subscribe('keys', {
      onChange: (subject) => heard.push(subject),
      onReset() {},
    })
    const isReading = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    const reading = storage.read.transaction().execute(async (tx) => {
      await sql`select * from changes`.execute(tx)
      isReading.resolve()
      await mayEnd.promise
      return (await sql`select * from changes`.execute(tx)).rows
    })
    await isReading.promise
    const file = new DatabaseSync('sqliteFile' in place ? place.sqliteFile : '')
    file.exec(`insert into changes values (1, 'keys', 'a', 0)`)
    file.close()
    storage.changes.requireCurrent()

    expect(heard).toEqual(['a'])
    mayEnd.resolve()
    expect(await reading).toEqual([])
  })
})
