import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type Migration, migrate } from './storage.ts'
import { dialects } from './testing/dialects.ts'

const table = (name: string): Migration => {
  return {
    name: `test/${name}`,
    kind: 'expand',
    since: 1,
    async up(db) {
      await db.schema.createTable(name).addColumn('id', 'text').execute()
    },
  }
}

const failing: Migration = {
  name: 'test/failing',
  kind: 'expand',
  since: 1,
  up: () => Promise.reject(new Error('out of luck')),
}

describe.each(dialects)('Migrations on $name', ({ name, freshPlace, freshStorage, openAt }) => {
  it('are applied by name, told their dialect, and only once', async () => {
    const storage = await freshStorage()
    const seen: string[] = []
    const watching: Migration = {
      name: 'test/watching',
      kind: 'expand',
      since: 1,
      async up(_, dialect) {
        seen.push(dialect)
      },
    }
    const all = [watching, table('b'), table('a')]

    expect(await migrate(storage, all)).toEqual(['test/a', 'test/b', 'test/watching'])
    expect(await migrate(storage, all)).toEqual([])
    expect(seen).toEqual([name])
    expect((await sql`select * from a`.execute(storage.read)).rows).toEqual([])
  })

  it('are applied when a service joins whose name comes before the others', async () => {
    const storage = await freshStorage([table('b')])

    expect(await migrate(storage, [table('a'), table('b')])).toEqual(['test/a'])
  })

  it('are all undone when one fails, and can be tried again', async () => {
    const storage = await freshStorage()
    const attempt = migrate(storage, [table('a'), failing])

    await expect(attempt).rejects.toThrow('migration test/failing failed')
    await expect(sql`select * from a`.execute(storage.read)).rejects.toThrow(/a/)
    expect(await migrate(storage, [table('a')])).toEqual(['test/a'])
  })

  it('refuse a store with a migration that no other version explains', async () => {
    const storage = await freshStorage([table('a'), table('b')])

    await expect(migrate(storage, [table('a')])).rejects.toThrow(
      'the migration test/b, which this release does not know',
    )
  })

  it('refuse two of the same name', async () => {
    const storage = await freshStorage()

    await expect(async () => migrate(storage, [table('a'), table('a')])).rejects.toThrow('two')
  })

  it('are applied once when several servers start at the same time', async () => {
    const place = await freshPlace()
    const servers = await Promise.all([1, 2, 3, 4].map(() => openAt(place)))
    const all = [table('a'), table('b'), table('c')]
    const applied = await Promise.all(servers.map((server) => migrate(server, all)))

    expect(applied.flat().sort()).toEqual(['test/a', 'test/b', 'test/c'])
  })
})
