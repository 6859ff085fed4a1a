import { sql } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import { columnTypes, type Migration, StorageClosedError, type Transaction } from './storage.ts'
import { dialects } from './testing/dialects.ts'

type Tables = { notes: { id: string; bytes: Uint8Array | null; number: number | null } }

const notes: Migration = {
  name: 'test/0001-notes',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const types = columnTypes(dialect)
    await db.schema
      .createTable('notes')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('bytes', types.bytes)
      .addColumn('number', types.wholeNumber)
      .execute()
  },
}

const insert = (tx: Transaction, note: Partial<Tables['notes']> & { id: string }) =>
  tx.db
    .$extendTables<Tables>()
    .insertInto('notes')
    .values({ bytes: null, number: null, ...note })
    .execute()

describe.each(dialects)('The storage on $name', ({ freshStorage, freshPlace, openAt }) => {
  const open = async () => {
    const storage = await freshStorage([notes])
    return {
      storage,
      all: () =>
        storage.read
          .$extendTables<Tables>()
          .selectFrom('notes')
          .selectAll()
          .orderBy('id')
          .execute(),
    }
  }

  it('shows what was written once the write has resolved', async () => {
    const { storage, all } = await open()
    const answer = await storage.write(async (tx) => {
      await insert(tx, { id: 'a' })
      return 'done'
    })

    expect(answer).toBe('done')
    expect(await all()).toEqual([{ id: 'a', bytes: null, number: null }])
  })

  it('keeps bytes and whole numbers exactly', async () => {
    const { storage, all } = await open()
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    await storage.write(async (tx) => {
      await insert(tx, { id: 'a', bytes, number: Number.MAX_SAFE_INTEGER })
      await insert(tx, { id: 'b', bytes: new Uint8Array(0), number: -1 })
    })
    const [a, b] = await all()

    expect(a?.bytes).toBeInstanceOf(Uint8Array)
    expect(Buffer.from(a?.bytes ?? []).equals(bytes)).toBe(true)
    expect(a?.number).toBe(Number.MAX_SAFE_INTEGER)
    expect(b?.bytes).toHaveLength(0)
    expect(b?.number).toBe(-1)
  })

  it('refuses to read a whole number that JavaScript would round', async () => {
    const { storage, all } = await open()
    await storage.write(async (tx) => {
      await sql`insert into notes (id, number) values ('a', 9007199254740993)`.execute(tx.db)
    })

    await expect(all()).rejects.toThrow(RangeError)
    await storage.ping()
  })

  it('keeps a number as text without a fraction', async () => {
    const { storage, all } = await open()
    await storage.write((tx) => insert(tx, { id: 5 as unknown as string }))

    expect((await all())[0]?.id).toBe('5')
  })

  it('undoes everything when the work fails, and goes on', async () => {
    const { storage, all } = await open()
    const work = async (tx: Transaction) => {
      await insert(tx, { id: 'a' })
      throw new Error('changed my mind')
    }

    await expect(storage.write(work)).rejects.toThrow('changed my mind')
    expect(await all()).toEqual([])
    await storage.write((tx) => insert(tx, { id: 'b' }))
    expect(await all()).toHaveLength(1)
  })

  it('undoes everything when a statement or the commit fails', async () => {
    const { storage, all } = await open()
    await storage.write(async (tx) => {
      await sql`create table parents (id text primary key)`.execute(tx.db)
      await sql`create table children (parent text references parents (id)
        deferrable initially deferred)`.execute(tx.db)
    })
    const twice = storage.write(async (tx) => {
      await insert(tx, { id: 'a' })
      await insert(tx, { id: 'a' })
    })
    const orphan = storage.write(async (tx) => {
      await insert(tx, { id: 'b' })
      await sql`insert into children values ('nobody')`.execute(tx.db)
    })

    await expect(twice).rejects.toThrow(/unique/i)
    await expect(orphan).rejects.toThrow(/foreign key/i)
    expect(await all()).toEqual([])
    await storage.write((tx) => insert(tx, { id: 'c' }))
    expect(await all()).toHaveLength(1)
  })

  it('runs many writes at once without losing one', async () => {
    const { storage, all } = await open()
    const ids = Array.from({ length: 100 }, (_, index) => `n${index}`)
    await Promise.all(ids.map((id) => storage.write((tx) => insert(tx, { id }))))

    expect((await all()).map(({ id }) => id)).toEqual(ids.sort())
  })

  it('hides a transaction from readers until it is committed', async () => {
    const { storage, all } = await open()
    const seen = await storage.write(async (tx) => {
      await insert(tx, { id: 'a' })
      return all()
    })

    expect(seen).toEqual([])
  })

  it('refuses to write by the connection for reads', async () => {
    const { storage, all } = await open()

    await expect(sql`insert into notes (id) values ('a')`.execute(storage.read)).rejects.toThrow(
      /read-?only/i,
    )
    expect(await all()).toEqual([])
  })

  it('refuses a transaction that has ended, committed or not', async () => {
    const { storage, all } = await open()
    const kept: Transaction[] = []
    await storage.write(async (tx) => {
      kept.push(tx)
    })
    await storage
      .write(async (tx) => {
        kept.push(tx)
        throw new Error('undone')
      })
      .catch(() => {})

    for (const tx of kept) {
      await expect(insert(tx, { id: 'late' })).rejects.toThrow(StorageClosedError)
    }
    expect(await all()).toEqual([])
  })

  it.each(['begin', 'commit', ' ROLLBACK', 'end'])(
    'refuses "%s" by the work of a transaction',
    async (text) => {
      const { storage, all } = await open()
      const work = storage.write(async (tx) => {
        await insert(tx, { id: 'a' })
        await sql`${sql.raw(text)}`.execute(tx.db)
      })

      await expect(work).rejects.toThrow('by itself')
      expect(await all()).toEqual([])
    },
  )

  it('refuses a transaction of Kysely inside its own', async () => {
    const { storage } = await open()
    const work = storage.write((tx) => tx.db.transaction().execute(async () => {}))

    await expect(work).rejects.toThrow('by itself')
  })

  it('refuses to stream, which would hold up every other read', async () => {
    const { storage } = await open()
    const notes = storage.read.$extendTables<Tables>().selectFrom('notes').selectAll()

    await expect(notes.stream().next()).rejects.toThrow('page by page')
    await storage.ping()
  })

  it('refuses a write inside a write instead of waiting for ever', async () => {
    const { storage } = await open()
    const nested = storage.write(() => storage.write(async () => 'never'))

    await expect(nested).rejects.toThrow('inside a write')
    await expect(storage.write(async () => 'after')).resolves.toBe('after')
  })

  it('allows a write by what a finished transaction has started', async () => {
    const { storage } = await open()
    const { promise, resolve } = Promise.withResolvers<void>()
    let later: Promise<string> | undefined
    await storage.write(async () => {
      later = promise.then(() => storage.write(async () => 'later'))
    })
    resolve()

    expect(await later).toBe('later')
  })

  it('tells its own listeners of a change before the write resolves, and only then', async () => {
    const { storage } = await open()
    const onChange = vi.fn()
    storage.changes.subscribe('notes', { onChange, onReset() {} })
    await storage.write(async (tx) => {
      await tx.announce('notes', 'a')
      await tx.announce('other', 'b')
      expect(onChange).not.toHaveBeenCalled()
    })

    expect(onChange).toHaveBeenCalledWith('a')
    expect(onChange).not.toHaveBeenCalledWith('b')
  })

  it('announces nothing when the transaction is undone', async () => {
    const { storage } = await open()
    const onChange = vi.fn()
    storage.changes.subscribe('notes', { onChange, onReset() {} })
    const work = async (tx: Transaction) => {
      await tx.announce('notes', 'a')
      throw new Error('undone')
    }

    await expect(storage.write(work)).rejects.toThrow('undone')
    expect(onChange).not.toHaveBeenCalled()
    expect((await sql`select * from changes`.execute(storage.read)).rows).toEqual([])
  })

  it('finishes the writes under way when it is closed, and refuses all that come later', async () => {
    const place = await freshPlace()
    const storage = await openAt(place)
    const writing = storage.write(async (tx) => {
      await sql`create table late (id text)`.execute(tx.db)
      return 'written'
    })
    await storage.close()

    expect(await writing).toBe('written')
    await expect(storage.write(async () => {})).rejects.toThrow(StorageClosedError)
    await expect(storage.ping()).rejects.toThrow(StorageClosedError)
    expect(() => storage.changes.requireCurrent()).toThrow()
    const again = await openAt(place)
    expect((await sql`select * from late`.execute(again.read)).rows).toEqual([])
  })
})
