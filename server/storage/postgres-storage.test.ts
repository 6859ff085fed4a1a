import { sql } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import {
  CommitOutcomeUnknownError,
  openStorage,
  type Place,
  StaleChangesError,
  type Storage,
  StorageBusyError,
  type Transaction,
} from './storage.ts'
import { asSuperuser, dialects, postgresql } from './testing/dialects.ts'
import { stallingProxy } from './testing/stalling-proxy.ts'

/** What has no bound comes true sooner or later. */
const SOON = { timeout: 10_000 }

const urlOf = (place: Place) => ('postgresUrl' in place ? place.postgresUrl : '')

async function openWithTally(settings = {}) {
  const place = await postgresql.freshPlace()
  const storage = await postgresql.openAt(place, settings)
  await storage.write(async (tx) => {
    await sql`create table tally (id integer primary key, n integer not null)`.execute(tx.db)
    await sql`insert into tally values (1, 0), (2, 0)`.execute(tx.db)
  })
  return { place, storage }
}

const countOne = (tx: Transaction, id = 1) =>
  sql`update tally set n = n + 1 where id = ${id}`.execute(tx.db)

const tally = async (storage: Storage) =>
  (await sql<{ n: number }>`select n from tally order by id`.execute(storage.read)).rows.map(
    ({ n }) => n,
  )

/** Breaks the connections to a database: those of its transactions, its reads and its feed. */
const breakConnections = (place: Place) =>
  asSuperuser(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = '${new URL(urlOf(place)).pathname.slice(1)}'`)

describe.skipIf(!dialects.includes(postgresql))('PostgreSQL', () => {
  it('has the work begun again after a serialization failure', async () => {
    const { storage } = await openWithTally()
    let attempts = 0
    await storage.write(async (tx) => {
      attempts += 1
      await countOne(tx)
      if (attempts < 3) {
        await sql`do $$ begin raise 'collision' using errcode = '40001'; end $$`.execute(tx.db)
      }
    })

    expect(attempts).toBe(3)
    expect(await tally(storage)).toEqual([1, 0])
  })

  it('has the work begun again after a deadlock', async () => {
    const { storage } = await openWithTally()
    let attempts = 0
    let holding = 0
    const bothHaveOne = Promise.withResolvers<void>()
    const crossing = (first: number, second: number) =>
      storage.write(async (tx) => {
        attempts += 1
        await countOne(tx, first)
        holding += 1
        if (holding === 2) bothHaveOne.resolve()
        await bothHaveOne.promise
        await countOne(tx, second)
      })
    await Promise.all([crossing(1, 2), crossing(2, 1)])

    expect(attempts).toBeGreaterThan(2)
    expect(await tally(storage)).toEqual([2, 2])
  })

  it('gives up with a clear error when collisions do not end', async () => {
    const { storage } = await openWithTally({ busyDeadlineMs: 100 })
    const hopeless = storage.write((tx) =>
      sql`do $$ begin raise 'collision' using errcode = '40001'; end $$`.execute(tx.db),
    )

    await expect(hopeless).rejects.toThrow(StorageBusyError)
  })

  it('refuses to commit what a failed statement has spoiled, though its error was ignored', async () => {
    const { storage } = await openWithTally()
    const careless = storage.write(async (tx) => {
      await countOne(tx)
      await sql`select 1 / 0`.execute(tx.db).catch(() => {})
    })

    await expect(careless).rejects.toThrow('its error was ignored')
    expect(await tally(storage)).toEqual([0, 0])
  })

  it('has the work begun again when the connection is lost before the commit', async () => {
    const { place, storage } = await openWithTally()
    let attempts = 0
    await storage.write(async (tx) => {
      attempts += 1
      await countOne(tx)
      if (attempts === 1) await breakConnections(place)
      await countOne(tx, 2)
    })

    expect(attempts).toBe(2)
    expect(await tally(storage)).toEqual([1, 1])
  })

  it('has the work begun again, without the locks it held, when a connection is cut', async () => {
    const { place } = await openWithTally()
    const proxy = await stallingProxy(urlOf(place))
    const storage = await postgresql.openAt(proxy.place)
    let attempts = 0
    await storage.write(async (tx) => {
      attempts += 1
      await countOne(tx)
      if (attempts > 1) return
      setTimeout(proxy.cut, 100)
      await sql`select pg_sleep(60)`.execute(tx.db)
    })

    expect(attempts).toBe(2)
    expect(await tally(storage)).toEqual([1, 0])
  })

  it('goes on after all of its connections were broken while they were idle', async () => {
    const { place, storage } = await openWithTally()
    await Promise.all(Array.from({ length: 20 }, () => tally(storage)))
    await breakConnections(place)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await Promise.all(Array.from({ length: 20 }, () => tally(storage)))
    await storage.write((tx) => countOne(tx))

    expect(await tally(storage)).toEqual([1, 0])
  })

  it('says that the outcome is unknown when the connection is lost during the commit', async () => {
    const { storage } = await openWithTally()
    await storage.write(async (tx) => {
      await sql`create function break() returns trigger language plpgsql as $$
        begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`.execute(tx.db)
      await sql`create constraint trigger break after insert on tally
        deferrable initially deferred for each row execute function break()`.execute(tx.db)
    })
    const onChange = vi.fn()
    storage.changes.subscribe('keys', { onChange, onReset() {} })
    let attempts = 0
    const doubtful = storage.write(async (tx) => {
      attempts += 1
      await tx.announce('keys', 'a')
      await sql`insert into tally values (3, 0)`.execute(tx.db)
    })

    await expect(doubtful).rejects.toThrow(CommitOutcomeUnknownError)
    expect(attempts).toBe(1)
    expect(onChange).toHaveBeenCalledWith('a')
    await storage.write((tx) => countOne(tx))
  })

  it('ends a statement that takes too long, and lets an unhurried write take its time', async () => {
    const { storage } = await openWithTally({ statementTimeoutMs: 200 })
    const nap = (tx: Transaction) => sql`select pg_sleep(0.5)`.execute(tx.db)

    await expect(storage.write(nap)).rejects.toThrow('statement timeout')
    await expect(storage.write(nap, 'unhurried')).resolves.toBeDefined()
    await expect(storage.write(nap)).rejects.toThrow('statement timeout')
  })

  it('refuses when no connection becomes free until the deadline, and goes on when one does', async () => {
    const { storage } = await openWithTally({ maxWriteConnections: 1, busyDeadlineMs: 100 })
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow = storage.write(async () => promise)

    await expect(storage.write(async () => {})).rejects.toThrow(StorageBusyError)
    resolve()
    await slow
    await expect(storage.write(async () => 'free')).resolves.toBe('free')
  })

  it('looks for changes though every other connection is taken', async () => {
    const { storage } = await openWithTally({ maxWriteConnections: 1, maxReadConnections: 1 })
    const nap = sql`select pg_sleep(1.5)`.execute(storage.read)
    await storage.write((tx) => sql`select pg_sleep(1.5)`.execute(tx.db))
    await nap

    expect(() => storage.changes.requireCurrent()).not.toThrow()
  })

  it('refuses when the network falls silent, and recovers without missing a change', async () => {
    const { place } = await openWithTally()
    const proxy = await stallingProxy(urlOf(place))
    const settings = { pollEveryMs: 50, staleAfterMs: 400, connectTimeoutMs: 500 }
    const storage = await postgresql.openAt(proxy.place, settings)
    const elsewhere = await postgresql.openAt(place)
    const heard: string[] = []
    storage.changes.subscribe('keys', {
      onChange: (subject) => heard.push(subject),
      onReset() {},
    })
    proxy.stall()
    await elsewhere.write((tx) => tx.announce('keys', 'meanwhile'))

    await vi.waitFor(() => {
      expect(() => storage.changes.requireCurrent()).toThrow(StaleChangesError)
    }, SOON)
    proxy.recover()
    await vi.waitFor(() => expect(() => storage.changes.requireCurrent()).not.toThrow(), SOON)
    expect(heard).toEqual(['meanwhile'])
  })

  it('is found among several hosts of which some do not answer', async () => {
    const place = await postgresql.freshPlace()
    const { host } = new URL(urlOf(place))
    const several = urlOf(place).replace(host, `127.0.0.1:1,${host}`)
    const storage = await postgresql.openAt({ postgresUrl: several })

    await storage.write((tx) => sql`create table here (id text)`.execute(tx.db))
    await expect(storage.ping()).resolves.toBeUndefined()
  })

  it('is given up with an error when none of the hosts answers', async () => {
    const postgresUrl = 'postgres://u:hunter2@127.0.0.1:1,127.0.0.1:2/d'

    await expect(openStorage({ postgresUrl })).rejects.toThrow('no PostgreSQL server')
  })

  it.each([
    ['no server', 'postgres://keyhold:hunter2@127.0.0.1:1/d'],
    ['no such user', undefined],
  ])('never shows its password: %s', async (_, url) => {
    const known = new URL(urlOf(await postgresql.freshPlace()))
    known.username = 'nobody'
    known.password = 'hunter2'
    const failure = await openStorage({ postgresUrl: url ?? known.href }).then(
      () => undefined,
      (error: unknown) => error,
    )

    expect(failure).toBeInstanceOf(Error)
    const shown = Object.getOwnPropertyNames(failure).map((name) =>
      Reflect.get(failure as Error, name),
    )
    expect(JSON.stringify([shown, String(failure)])).not.toContain('hunter2')
  })
})
