// Where a tested server keeps its data: SQLite in its directory, or a database of its own in PostgreSQL.
// Reads what is recorded there as an auditor with access to files and tables would.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import postgres from 'postgres'

export type TestDatabase = {
  readonly name: 'sqlite' | 'postgres'
  /** The options of `keyhold` that lead there. */
  readonly args: readonly string[]
  /** Every record in the trail, or on its way there in the outbox. */
  records(directory: string): Promise<readonly string[]>
  remove(): Promise<void>
}

const adminUrl = process.env.KEYHOLD_TEST_POSTGRES

/** The databases that can be tested here. */
export const databaseNames: readonly TestDatabase['name'][] =
  adminUrl === undefined ? ['sqlite'] : ['sqlite', 'postgres']

export async function newDatabase(name: TestDatabase['name']): Promise<TestDatabase> {
  return name === 'sqlite' ? sqliteDatabase() : postgresDatabase()
}

function sqliteDatabase(): TestDatabase {
  return {
    name: 'sqlite',
    args: [],
    async records(directory) {
      const trail = join(directory, 'trail')
      const chains = readdirSync(trail).map((file) => readFileSync(join(trail, file), 'utf8'))
      const database = new DatabaseSync(join(directory, 'keyhold.db'))
      const outbox = database.prepare('select record from trail_outbox').all()
      database.close()
      return [...recordsIn(chains), ...outbox.map(({ record }) => String(record))]
    },
    remove: () => Promise.resolve(),
  }
}

let databases = 0

async function postgresDatabase(): Promise<TestDatabase> {
  databases += 1
  const name = `conformance_${process.pid}_${databases}`
  const admin = postgres(adminUrl as string, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name}`)
  const url = new URL(adminUrl as string)
  url.pathname = `/${name}`
  const sql = postgres(url.href, { max: 1, onnotice: () => {} })
  return {
    name: 'postgres',
    args: ['--database', url.href],
    async records() {
      const batches = await sql`select lines from trail_batches`
      const outbox = await sql`select record from trail_outbox`
      return [
        ...recordsIn(batches.map(({ lines }) => Buffer.from(lines).toString('utf8'))),
        ...outbox.map(({ record }) => String(record)),
      ]
    },
    async remove() {
      await sql.end()
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}

function recordsIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split('\n').filter((line) => line.startsWith('{"event')))
}
