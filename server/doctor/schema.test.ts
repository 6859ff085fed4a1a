// What the doctor says of a database that two releases share.
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { inspectPostgres, inspectSqlite } from '../storage/inspection.ts'
import {
  finishMigrations,
  joinAsServer,
  type Migration,
  migrate,
  type Place,
} from '../storage/storage.ts'
import { dialects } from '../storage/testing/dialects.ts'
import { lookAtSchema } from './schema.ts'

function step(name: string, kind: Migration['kind'], since: number): Migration {
  return {
    name,
    kind,
    since,
    async up(db) {
      await sql`select 1`.execute(db)
    },
  }
}
const one = [step('test/0001-a', 'expand', 1)]
const two = [...one, step('test/0002-b', 'expand', 2), step('test/0003-c', 'contract', 2)]

const inspect = async (place: Place) =>
  'sqliteFile' in place ? inspectSqlite(place.sqliteFile) : inspectPostgres(place.postgresUrl)
const look = async (place: Place, known: readonly Migration[]) =>
  lookAtSchema(await inspect(place), known)

describe.each(dialects)('The doctor, of the schema on $name,', ({ freshPlace, openAt }) => {
  it('tells its versions, what waits, and who runs, from before an upgrade to its end', async () => {
    const place = await freshPlace()
    const storage = await openAt(place)
    expect(await look(place, one)).toMatchObject([
      { state: 'ok', told: 'none yet; this release brings version 1' },
      { state: 'ok', told: '1 to apply at the next start' },
      { state: 'ok', told: 'none is on this database' },
    ])
    await migrate(storage, one)
    const identity = { id: 'a', release: '0.1.0', schemaVersion: 1, machine: 'kms-1', pid: 1 }
    const serving = await joinAsServer(await openAt(place), identity)
    expect(await look(place, one)).toMatchObject([
      { state: 'ok', told: 'version 1, for servers of version 1 and later; this release has 1' },
      { state: 'ok', told: 'all applied' },
      { state: 'ok', told: 'release 0.1.0 (schema version 1) on kms-1: 1 process' },
    ])
    expect((await look(place, two))[1]).toMatchObject({ told: '1 to apply at the next start' })

    await migrate(storage, two)
    expect(await look(place, two)).toMatchObject([
      { state: 'ok', told: 'version 2, for servers of version 1 and later; this release has 2' },
      { state: 'note', remedy: expect.stringContaining('keyhold migrate --finish') },
      { state: 'ok' },
    ])
    expect(await look(place, one)).toMatchObject([
      { state: 'note', remedy: 'upgrade this server, too' },
      { state: 'note', told: 'of a newer release: test/0002-b' },
      { state: 'ok' },
    ])

    await serving.close()
    await finishMigrations(storage, two)
    expect(await look(place, two)).toMatchObject([
      { state: 'ok', told: 'version 2, for servers of version 2 and later; this release has 2' },
      { state: 'ok', told: 'all applied' },
      { state: 'ok', told: 'none is on this database' },
    ])
    expect((await look(place, one))[0]).toMatchObject({
      state: 'wrong',
      remedy: 'run the newer release',
    })
  })
})
