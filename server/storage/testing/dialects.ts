// Runs a suite on both databases: `describe.each(dialects)('Keys on $name', (dialect) => { ... })`.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { onTestFinished } from 'vitest'
import {
  type Dialect,
  type Migration,
  migrate,
  openStorage,
  type Place,
  type Storage,
  type StorageSettings,
} from '../storage.ts'

export type TestDialect = {
  readonly name: Dialect
  /** A place where nothing is yet; removed when the test has finished. */
  freshPlace(): Promise<Place>
  /** An open, migrated storage in a place of its own; closed when the test has finished. */
  freshStorage(migrations?: readonly Migration[], settings?: StorageSettings): Promise<Storage>
  /** One more storage in a place that exists, as another process would open it. */
  openAt(place: Place, settings?: StorageSettings): Promise<Storage>
}

function testDialect(name: Dialect, freshPlace: () => Promise<Place>): TestDialect {
  const openAt = async (place: Place, settings: StorageSettings = {}) => {
    const storage = await openStorage(place, settings)
    onTestFinished(() => storage.close())
    return storage
  }
  return {
    name,
    freshPlace,
    openAt,
    async freshStorage(migrations = [], settings = {}) {
      const storage = await openAt(await freshPlace(), settings)
      await migrate(storage, migrations)
      return storage
    },
  }
}

async function freshFile(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-sqlite-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return { sqliteFile: join(directory, 'keyhold.db') }
}

/** The server for tests: absent when PostgreSQL is not installed. */
const adminUrl = process.env.KEYHOLD_TEST_POSTGRES

/** Runs one statement as the server's superuser, outside the storage. */
export async function asSuperuser(
  text: string,
  url = adminUrl,
): Promise<Record<string, unknown>[]> {
  const sql = postgres(url ?? '', { max: 1, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(text))]
  } finally {
    await sql.end()
  }
}

let databases = 0

async function freshDatabase(): Promise<Place> {
  databases += 1
  const name = `test_${process.pid}_${Date.now()}_${databases}`
  await asSuperuser(`create database ${name}`)
  onTestFinished(async () => {
    await asSuperuser(`drop database ${name} with (force)`)
  })
  const url = new URL(adminUrl ?? '')
  url.pathname = `/${name}`
  return { postgresUrl: url.href }
}

export const sqlite: TestDialect = testDialect('sqlite', freshFile)
export const postgresql: TestDialect = testDialect('postgres', freshDatabase)

/** The databases that can be tested here. */
export const dialects: readonly TestDialect[] = adminUrl ? [sqlite, postgresql] : [sqlite]
