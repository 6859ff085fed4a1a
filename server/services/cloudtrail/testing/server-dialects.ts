// The databases that a test server can stand on, for suites that keep one server for all their tests.
import postgres from 'postgres'
import type { TestServerOptions } from '../../../testing/test-server.ts'

export type ServerDialect = {
  readonly name: 'sqlite' | 'postgres'
  newDatabase(): Promise<{
    readonly options: TestServerOptions
    remove(): Promise<void>
  }>
}

const adminUrl = process.env.KEYHOLD_TEST_POSTGRES

const sqlite: ServerDialect = {
  name: 'sqlite',
  newDatabase: () => Promise.resolve({ options: {}, remove: () => Promise.resolve() }),
}

let databases = 0

const postgresql: ServerDialect = {
  name: 'postgres',
  async newDatabase() {
    databases += 1
    const name = `server_${process.pid}_${Date.now()}_${databases}`
    const admin = postgres(adminUrl as string, { max: 1, onnotice: () => {} })
    await admin.unsafe(`create database ${name}`)
    const url = new URL(adminUrl as string)
    url.pathname = `/${name}`
    return {
      options: { database: url.href },
      async remove() {
        await admin.unsafe(`drop database ${name} with (force)`)
        await admin.end()
      },
    }
  },
}

export const serverDialects: readonly ServerDialect[] = adminUrl ? [sqlite, postgresql] : [sqlite]
