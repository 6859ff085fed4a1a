// Two versions of the schema over one database, simulated by two lists of migrations.

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Storage } from './contract.ts'
import { finishMigrations, type Migration, migrate, pendingMigrations } from './migrate.ts'
import { listMigrations } from './schema-tables.ts'
import { listLiveProcesses } from './schema-version.ts'
import { joinAsServer } from './server-process.ts'
import { dialects } from './testing/dialects.ts'

const things: Migration = {
  name: 'test/0001-things',
  kind: 'expand',
  since: 1,
  async up(db) {
    await db.schema
      .createTable('things')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('old', 'text')
      .execute()
  },
}
const colour: Migration = {
  name: 'test/0002-colour',
  kind: 'expand',
  since: 2,
  async up(db) {
    await db.schema
      .alterTable('things')
      .addColumn('colour', 'text', (column) => column.notNull().defaultTo('grey'))
      .execute()
  },
}
// Its name comes before the others': versions are what counts.
const noOld: Migration = {
  name: 'test/0000-no-old',
  kind: 'contract',
  since: 2,
  async up(db) {
    await db.schema.alterTable('things').dropColumn('old').execute()
  },
}
const size: Migration = {
  name: 'test/0003-size',
  kind: 'expand',
  since: 3,
  async up(db) {
    await db.schema.alterTable('things').addColumn('size', 'text').execute()
  },
}
const [one, two, three] = [[things], [things, colour, noOld], [things, colour, noOld, size]]

let processes = 0

function join(storage: Storage, schemaVersion: number, onOutdated?: (error: Error) => void) {
  processes += 1
  const identity = { release: `0.${schemaVersion}.0`, machine: 'kms-1', pid: processes }
  return joinAsServer(
    storage,
    { ...identity, id: `process-${processes}`, schemaVersion },
    { ...(onOutdated && { onOutdated }) },
  )
}

describe.each(dialects)(
  'Two versions on one $name',
  ({ name, freshPlace, freshStorage, openAt }) => {
    it('the newer one adds, and the older one inserts, updates and reads as before', async () => {
      const place = await freshPlace()
      const older = await openAt(place)
      await migrate(older, one)
      const insert = (id: string) =>
        older.write((tx) => sql`insert into things (id, old) values (${id}, 'x')`.execute(tx.db))
      const read = () => sql`select * from things order by id`.execute(older.read)
      await insert('a')
      // Every one of its connections has prepared these before the tables change under them.
      for (let times = 0; times < 8; times++) await read()

      expect(await migrate(await openAt(place), two)).toEqual(['test/0002-colour'])
      await insert('b')
      await older.write((tx) => sql`update things set old = 'y' where id = 'a'`.execute(tx.db))
      expect((await read()).rows).toEqual([
        { id: 'a', old: 'y', colour: 'grey' },
        { id: 'b', old: 'x', colour: 'grey' },
      ])
      // It starts again, too: that is how one goes back.
      expect(await migrate(older, one)).toEqual([])
    })

    it('a statement that a transaction had prepared goes on when the table has grown', async () => {
      const place = await freshPlace()
      const older = await openAt(place, { maxWriteConnections: 1 })
      await migrate(older, one)
      const touch = () =>
        older.write(async (tx) => {
          await sql`insert into things (id) values ('a') on conflict do nothing`.execute(tx.db)
          return (await sql`select * from things`.execute(tx.db)).rows
        })
      await touch()
      await migrate(await openAt(place), two)

      expect(await touch()).toEqual([{ id: 'a', old: null, colour: 'grey' }])
    })

    it.skipIf(name === 'sqlite')('a table that a backup reads is not waited for', async () => {
      const place = await freshPlace()
      const older = await openAt(place)
      await migrate(older, one)
      const snapshot = await older.openSnapshot()
      for await (const rows of snapshot.rows('things', ['id'])) expect(rows).toEqual([])
      const newer = await openAt(place)

      await expect(migrate(newer, two)).rejects.toThrow(
        'A table that has to be changed (migration test/0002-colour) is in use',
      )
      expect(await listMigrations(newer.read)).toEqual(['test/0001-things'])
      await snapshot.close()
      expect(await migrate(newer, two)).toEqual(['test/0002-colour'])
    })

    it('what takes away waits for --finish, and that for the last older server', async () => {
      const place = await freshPlace()
      const older = await openAt(place)
      await migrate(older, one)
      const serving = await join(older, 1)
      const newer = await openAt(place)
      await migrate(newer, two)
      const applied = await listMigrations(newer.read)
      expect(pendingMigrations(two, applied)).toEqual({
        expand: [],
        contract: ['test/0000-no-old'],
      })

      await expect(finishMigrations(newer, two)).rejects.toThrow(
        /Older servers still run.*release 0\.1\.0 \(schema version 1\) on kms-1, process \d+, seen \d s ago/,
      )
      expect((await sql`select old from things`.execute(newer.read)).rows).toEqual([])
      await serving.close()
      expect(await finishMigrations(newer, two)).toEqual(['test/0000-no-old'])
      await expect(sql`select old from things`.execute(newer.read)).rejects.toThrow(/old/)
      expect(await finishMigrations(newer, two)).toEqual([])
    })

    it('an older server is refused once the newer version was finished', async () => {
      const place = await freshPlace()
      const storage = await openAt(place)
      await migrate(storage, one)
      await migrate(storage, two)
      await finishMigrations(storage, two)

      const told =
        /too old for this database: it has schema version 1, .* schema version 2 and later/
      await expect(migrate(storage, one)).rejects.toThrow(told)
      await expect(finishMigrations(storage, one)).rejects.toThrow(told)
      await expect(join(await openAt(place), 1)).rejects.toThrow(told)
    })

    it('a server that was not seen while it happened refuses when it looks again', async () => {
      const place = await freshPlace()
      const older = await openAt(place)
      await migrate(older, one)
      const heard: string[] = []
      const serving = await join(older, 1, (error) => heard.push(error.message))
      serving.changes.requireCurrent()
      await serving.write(async () => {})
      const newer = await openAt(place)
      await migrate(newer, two)
      serving.changes.requireCurrent()
      // Frozen, say, for longer than it counts as alive.
      await newer.write((tx) => sql`update server_processes set seen_at_ms = 0`.execute(tx.db))
      await finishMigrations(newer, two)

      await expect
        .poll(() => {
          try {
            serving.changes.requireCurrent()
            return 'serves'
          } catch (error) {
            return (error as Error).message
          }
        })
        .toMatch('too old for this database')
      await expect(serving.write(async () => {})).rejects.toThrow('too old for this database')
      expect(heard).toHaveLength(1)
    })

    it('a server that missed announcements serves again once it has looked', async () => {
      const place = await freshPlace()
      const storage = await openAt(place)
      await migrate(storage, one)
      await storage.write((tx) => tx.announce('t', 's'))
      const serving = await join(storage, 1)
      const refusal = () => {
        try {
          serving.changes.requireCurrent()
          return ''
        } catch (error) {
          return (error as Error).message
        }
      }
      // The feed goes on from somewhere else: what came between, nobody can tell.
      const other = await openAt(place)
      await other.write((tx) =>
        sql`update changes set number = number + 1000`.execute(tx.db).then(() => {}),
      )
      // PostgreSQL is asked from time to time, and has answered again before anybody could notice.
      if (name === 'sqlite') expect(refusal()).toMatch('is not known yet')
      await expect.poll(refusal).toBe('')
      await serving.write(async () => {})
    })

    it('a version that skips one is refused while the one before that still runs', async () => {
      const place = await freshPlace()
      const older = await openAt(place)
      await migrate(older, one)
      const serving = await join(older, 1)
      const newest = await openAt(place)

      await expect(migrate(newest, three)).rejects.toThrow('Upgrade them to schema version 2')
      expect(await listMigrations(newest.read)).toEqual(['test/0001-things'])
      await serving.close()
      // Nobody is left: what version 2 would have finished is finished on the way.
      expect(await migrate(newest, three)).toEqual([
        'test/0002-colour',
        'test/0000-no-old',
        'test/0003-size',
      ])
      await expect(migrate(await openAt(place), one)).rejects.toThrow('too old for this database')
      expect(await migrate(await openAt(place), two)).toEqual([])
    })

    it('a new database is finished at once, in the order in which an old one was', async () => {
      const storage = await freshStorage(two)

      expect(await listMigrations(storage.read)).toHaveLength(3)
      await expect(migrate(storage, one)).rejects.toThrow('too old for this database')
    })

    it('a process is listed while it is open, and one that crashed for a while', async () => {
      const place = await freshPlace()
      const storage = await openAt(place)
      await migrate(storage, one)
      const first = await join(await openAt(place), 1)
      const second = await join(await openAt(place), 1)
      const live = () => listLiveProcesses(storage.read, storage.dialect)
      expect(await live()).toHaveLength(2)
      await first.close()
      expect(await live()).toMatchObject([{ release: '0.1.0', machine: 'kms-1', pid: processes }])

      const age = (ms: number) =>
        storage.write((tx) =>
          sql`update server_processes set seen_at_ms = seen_at_ms - ${ms}`.execute(tx.db),
        )
      await age(40_000)
      expect(await live()).toHaveLength(1)
      await age(5_000)
      expect(await live()).toEqual([])
      await second.close()
    })

    it('a process that is alive says so again and again', async () => {
      const place = await freshPlace()
      const storage = await openAt(place)
      await migrate(storage, one)
      const identity = { id: 'beating', release: '0.1.0', machine: 'kms-1', pid: 1 }
      const beating = await joinAsServer(
        await openAt(place),
        { ...identity, schemaVersion: 1 },
        { beatEveryMs: 20 },
      )
      await storage.write((tx) => sql`delete from server_processes`.execute(tx.db))

      await expect.poll(() => listLiveProcesses(storage.read, storage.dialect)).toHaveLength(1)
      await beating.close()
    })
  },
)
