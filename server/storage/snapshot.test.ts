import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import {
  columnTypes,
  listMigrations,
  listTables,
  type Migration,
  type Row,
  type Snapshot,
  StorageClosedError,
} from './storage.ts'
import { dialects } from './testing/dialects.ts'

const MANY = 1000

/** Children are before their parents by name, so that only the foreign keys put them in order. */
const families: Migration = {
  name: 'test/0001-families',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('parents')
      .addColumn('id', wholeNumber, (column) => column.primaryKey())
      .addColumn('name', 'text')
      .addColumn('photo', bytes)
      .execute()
    await db.schema
      .createTable('children')
      .addColumn('id', wholeNumber, (column) => column.primaryKey())
      .addColumn('parent', wholeNumber, (column) => column.references('parents.id'))
      .execute()
    await db.schema
      .createTable('babies')
      .addColumn('id', wholeNumber, (column) => column.primaryKey())
      .addColumn('child', wholeNumber, (column) => column.references('children.id'))
      .execute()
  },
}

async function rowsOf(snapshot: Snapshot, table: string, columns: string[], orderBy?: string[]) {
  const pieces: Row[][] = []
  for await (const piece of snapshot.rows(table, columns, orderBy)) pieces.push([...piece])
  return pieces
}

describe.each(dialects)('A snapshot on $name', (dialect) => {
  async function open() {
    const storage = await dialect.freshStorage([families])
    const insert = (id: number) =>
      storage.write((tx) =>
        sql`insert into parents (id, name) values (${id}, ${`parent ${id}`})`.execute(tx.db),
      )
    return { storage, insert }
  }

  it('shows one moment, whatever is written after it', async () => {
    const { storage, insert } = await open()
    await insert(1)
    const snapshot = await storage.openSnapshot()
    await insert(2)
    await storage.write((tx) => sql`update parents set name = 'other' where id = 1`.execute(tx.db))
    const seen = await rowsOf(snapshot, 'parents', ['id', 'name'])
    expect(seen.flat()).toEqual([{ id: 1, name: 'parent 1' }])
    const { rows } = await sql`select id from parents`.execute(snapshot.read)
    expect(rows).toHaveLength(1)
    await snapshot.close()
    const later = await storage.openSnapshot()
    expect((await rowsOf(later, 'parents', ['id'])).flat()).toHaveLength(2)
    await later.close()
  })

  it('taken within a write, shows what was before it', async () => {
    const { storage, insert } = await open()
    await insert(1)
    let snapshot: Snapshot | undefined
    await storage.write(async (tx) => {
      await sql`insert into parents (id) values (2)`.execute(tx.db)
      snapshot = await storage.openSnapshot()
    })
    expect(await rowsOf(snapshot as Snapshot, 'parents', ['id'])).toEqual([[{ id: 1 }]])
    await snapshot?.close()
  })

  it('gives many rows in pieces, in the order asked for, while others write', async () => {
    const { storage, insert } = await open()
    await storage.write(async (tx) => {
      for (let id = MANY; id > 0; id--) {
        await sql`insert into parents (id, name, photo) values (${id}, null, ${Buffer.alloc(id, id)})`.execute(
          tx.db,
        )
      }
    })
    const snapshot = await storage.openSnapshot()
    const ids: unknown[] = []
    let longest = 0
    for await (const piece of snapshot.rows('parents', ['photo', 'id'], ['id'])) {
      expect(piece.length).toBeLessThanOrEqual(64)
      longest = Math.max(longest, piece.length)
      for (const { id, photo } of piece) {
        ids.push(id)
        expect(Buffer.from(photo as Uint8Array).equals(Buffer.alloc(Number(id), Number(id)))).toBe(
          true,
        )
      }
      await insert(MANY + ids.length)
    }
    expect(longest).toBe(64)
    expect(ids).toEqual(Array.from({ length: MANY }, (_, index) => index + 1))
    await snapshot.close()
  })

  it('gives big rows in short pieces', async () => {
    const { storage } = await open()
    for (let id = 1; id <= 20; id++) {
      await storage.write((tx) =>
        sql`insert into parents (id, photo) values (${id}, ${Buffer.alloc(400_000)})`.execute(
          tx.db,
        ),
      )
    }
    const snapshot = await storage.openSnapshot()
    const pieces = await rowsOf(snapshot, 'parents', ['id', 'photo'])
    expect(pieces.flat()).toHaveLength(20)
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(3)
    await snapshot.close()
  })

  it('cannot be written through', async () => {
    const { storage } = await open()
    const snapshot = await storage.openSnapshot()
    const write = sql`insert into parents (id) values (1)`.execute(snapshot.read)
    await expect(write).rejects.toThrow(/readonly|read-only/)
    await snapshot.close()
  })

  it('ends with its storage, and can be closed twice', async () => {
    const { storage, insert } = await open()
    await insert(1)
    const closed = await storage.openSnapshot()
    await closed.close()
    await closed.close()
    await insert(2)
    const snapshot = await storage.openSnapshot()
    await storage.close()
    await expect(rowsOf(snapshot, 'parents', ['id'])).rejects.toThrow()
    await snapshot.close()
    await expect(storage.openSnapshot()).rejects.toThrow(StorageClosedError)
  })

  it('tells the tables, each after those that it refers to, and the migrations', async () => {
    const { storage } = await open()
    const tables = await listTables(storage.read, storage.dialect)
    expect(tables).toEqual([
      { name: 'changes', columns: ['number', 'topic', 'subject', 'at_ms'] },
      { name: 'parents', columns: ['id', 'name', 'photo'] },
      { name: 'schema_version', columns: ['singleton', 'version', 'minimum'] },
      {
        name: 'server_processes',
        columns: ['process_id', 'release', 'schema_version', 'machine', 'pid', 'seen_at_ms'],
      },
      { name: 'children', columns: ['id', 'parent'] },
      { name: 'babies', columns: ['id', 'child'] },
    ])
    expect(await listMigrations(storage.read)).toEqual(['test/0001-families'])
  })

  it('tells no migrations where none ever was', async () => {
    const storage = await dialect.openAt(await dialect.freshPlace())
    expect(await listMigrations(storage.read)).toEqual([])
  })

  it('refuses to put tables in order that refer to each other in a circle', async () => {
    const itself: Migration = {
      name: 'test/0001-itself',
      kind: 'expand',
      since: 1,
      async up(db) {
        await db.schema
          .createTable('folders')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('parent', 'text', (column) => column.references('folders.id'))
          .execute()
      },
    }
    const storage = await dialect.freshStorage([itself])
    await expect(listTables(storage.read, storage.dialect)).rejects.toThrow('in a circle: folders')
  })
})
