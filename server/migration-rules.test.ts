// What CONTRIBUTING.md asks of migrations, held against the SQL that they make: servers of the version
// before work on with what an `expand` migration did. docs/decisions/0008-rolling-migrations.md.
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { describe, expect, it } from 'vitest'
import { allMigrations } from './installation.ts'
import type { Dialect, Migration } from './storage/storage.ts'

/** The statements of a migration, none of which is executed. */
async function statementsOf({ up }: Migration, dialect: Dialect): Promise<readonly string[]> {
  const statements: string[] = []
  const parts =
    dialect === 'sqlite'
      ? [SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler]
      : [PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler]
  const [Adapter, Introspector, Compiler] = parts as [
    typeof SqliteAdapter,
    typeof SqliteIntrospector,
    typeof SqliteQueryCompiler,
  ]
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new Adapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new Introspector(of),
      createQueryCompiler: () => new Compiler(),
    },
    log: ({ query }) => {
      statements.push(query.sql.trim().replaceAll(/\s+/g, ' ').toLowerCase())
    },
  })
  await up(db, dialect)
  return statements
}

const CREATED = /^create table (?:if not exists )?"(\w+)"/
const TOUCHED = /^(?:alter table|create (?:unique )?index "\w+" on|update|insert into) "(\w+)"/

/** What is wrong with the migrations of one version, where servers of the version before still run. */
async function faultsOf(migrations: readonly Migration[], dialect: Dialect): Promise<string[]> {
  const faults: string[] = []
  const bearsMacs = new Set<string>()
  for (const since of new Set(migrations.map((migration) => migration.since))) {
    const created = new Set<string>()
    for (const migration of migrations.filter((one) => one.since === since)) {
      for (const statement of await statementsOf(migration, dialect)) {
        const table = CREATED.exec(statement)?.[1] ?? TOUCHED.exec(statement)?.[1] ?? ''
        if (CREATED.test(statement)) created.add(table)
        const fault =
          migration.kind === 'contract'
            ? contractFault(statement, bearsMacs.has(table))
            : created.has(table)
              ? undefined
              : expandFault(statement, bearsMacs.has(table))
        if (fault !== undefined) faults.push(`${migration.name}: ${fault}: ${statement}`)
        // From its own version on, a table with this column has rows under a MAC.
        if (statement.includes('"mac"')) bearsMacs.add(table)
      }
    }
  }
  return faults
}

function contractFault(statement: string, hasMacs: boolean): string | undefined {
  return hasMacs && !statement.startsWith('alter table') && !statement.startsWith('create ')
    ? 'a migration cannot make MACs, so it writes no row that bears one'
    : undefined
}

/** A statement on a table of an older version. */
function expandFault(statement: string, hasMacs: boolean): string | undefined {
  if (statement.startsWith('create index ')) return undefined
  const [, column] = /^alter table "\w+" add column (.*)$/.exec(statement) ?? []
  if (column === undefined) {
    return 'an expand migration makes tables, indexes that are not unique, and columns'
  }
  if (/\b(?:unique|primary key|check|add|drop)\b/.test(column)) return 'it binds older servers'
  const hasDefault = /\bdefault\b/.test(column)
  if (/\bnot null\b/.test(column) && !hasDefault) return 'older servers insert without it'
  // Null is left out of a MAC, so only null is what an older server's MAC holds for.
  if (hasMacs && hasDefault) return 'a column of a row with a MAC begins as null'
  return undefined
}

const dialects: readonly Dialect[] = ['sqlite', 'postgres']

describe.each(dialects)('The migrations of this release on %s', (dialect) => {
  it('keep what older servers stand on', async () => {
    expect(await faultsOf(allMigrations(), dialect)).toEqual([])
  })
})

it('The migrations of this release have names of their own, and versions without a gap', () => {
  const migrations = allMigrations()
  expect(new Set(migrations.map(({ name }) => name)).size).toBe(migrations.length)
  const versions = [...new Set(migrations.map(({ since }) => since))].sort((a, b) => a - b)
  expect(versions).toEqual(versions.map((_, index) => index + 1))
  for (const { name, kind, since } of migrations) {
    expect(name).toMatch(/^[a-z]+\/[0-9]{4}-[a-z0-9-]+$/)
    expect(['expand', 'contract']).toContain(kind)
    // What the first version takes away nobody ever had.
    if (kind === 'contract') expect(since).toBeGreaterThan(1)
  }
})

describe.each(dialects)('The rules for migrations on %s', (dialect) => {
  const first: Migration = {
    name: 'test/0001-first',
    kind: 'expand',
    since: 1,
    async up(db) {
      await db.schema.createTable('plain').addColumn('id', 'text').execute()
      await db.schema.createTable('guarded').addColumn('mac', 'text').execute()
      await db.schema.createIndex('first').unique().on('plain').column('id').execute()
    },
  }
  const faults = (up: Migration['up'], kind: Migration['kind'] = 'expand') =>
    faultsOf([first, { name: 'test/0002-second', kind, since: 2, up }], dialect)

  const refused: Record<string, Migration['up']> = {
    'drop a table': (db) => db.schema.dropTable('plain').execute(),
    'drop a column': (db) => db.schema.alterTable('plain').dropColumn('id').execute(),
    'drop an index': (db) => db.schema.dropIndex('first').execute(),
    'rename a table': (db) => db.schema.alterTable('plain').renameTo('fancy').execute(),
    'rename a column': (db) => db.schema.alterTable('plain').renameColumn('id', 'x').execute(),
    'add a column that older servers do not fill': (db) =>
      db.schema
        .alterTable('plain')
        .addColumn('x', 'text', (column) => column.notNull())
        .execute(),
    'add a unique column': (db) =>
      db.schema
        .alterTable('plain')
        .addColumn('x', 'text', (column) => column.unique())
        .execute(),
    'add a unique index': (db) =>
      db.schema.createIndex('second').unique().on('plain').column('id').execute(),
    'add a constraint': (db) =>
      db.schema.alterTable('plain').addUniqueConstraint('second', ['id']).execute(),
    'change rows': (db) => db.updateTable('plain').set({ id: 'x' }).execute().then(),
    'remove rows': (db) => db.deleteFrom('plain').execute().then(),
    'add a column with a default to rows with a MAC': (db) =>
      db.schema
        .alterTable('guarded')
        .addColumn('x', 'text', (column) => column.defaultTo('x'))
        .execute(),
  }

  it.each(Object.keys(refused))('an expand migration does not %s', async (what) => {
    expect(await faults(refused[what] as Migration['up'])).toHaveLength(1)
  })

  it('an expand migration adds, and does with its own tables what it likes', async () => {
    const found = await faults(async (db) => {
      await db.schema.alterTable('plain').addColumn('a', 'text').execute()
      await db.schema
        .alterTable('plain')
        .addColumn('b', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      await db.schema.alterTable('guarded').addColumn('c', 'text').execute()
      await db.schema.createIndex('second').on('plain').column('a').execute()
      await db.schema.createTable('own').addColumn('id', 'text').execute()
      await db.schema.createIndex('third').unique().on('own').column('id').execute()
      await db.insertInto('own').values({ id: 'x' }).execute()
    })
    expect(found).toEqual([])
  })

  it('a contract migration takes away, and writes no row that bears a MAC', async () => {
    const drop: Migration['up'] = (db) => db.schema.alterTable('guarded').dropColumn('x').execute()
    expect(await faults(drop, 'contract')).toEqual([])
    const write: Migration['up'] = async (db) => {
      await db.updateTable('guarded').set({ x: 'x' }).execute()
    }
    expect(await faults(write, 'contract')).toHaveLength(1)
  })
})
