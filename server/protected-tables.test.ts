// No table with something under the root key is forgotten: where one is missing here, a new root key would
// lose it. A column that only looks like it is told in EXCEPTIONS.
import { describe, expect, it } from 'vitest'
import { allMigrations } from './installation.ts'
import { protectedTables } from './protected-tables.ts'
import { listTables } from './storage/storage.ts'
import { dialects } from './storage/testing/dialects.ts'

/** The one row that names the root key of all others. */
const EXCEPTIONS = new Set(['installation.root_key_id'])
const LOOKS_PROTECTED = /(^|_)(mac|macs|wrapped|sealed|encrypted|root_key_id)(_|$)/

describe.each(dialects)('On $name', (dialect) => {
  it('every column under the root key is declared by its service', async () => {
    const storage = await dialect.freshStorage(allMigrations())
    const found = (await listTables(storage.read, storage.dialect)).flatMap(({ name, columns }) =>
      columns.filter((column) => LOOKS_PROTECTED.test(column)).map((column) => `${name}.${column}`),
    )
    const declared = protectedTables.flatMap(({ table, macs, wrapped, wrappedBelow }) => [
      ...(macs === undefined ? [] : [`${table}.mac`]),
      ...wrapped.map(({ column }) => `${table}.${column}`),
      ...wrappedBelow.map((column) => `${table}.${column}`),
    ])
    const ids = found.filter((column) => column.endsWith('.root_key_id'))
    const withIds = protectedTables
      .filter(({ wrapped }) => wrapped.length > 0)
      .map(({ table }) => `${table}.root_key_id`)
    expect(found.filter((column) => !ids.includes(column)).sort()).toEqual(declared.sort())
    // Whoever names the root key is written anew with what that wrapped.
    for (const id of ids) expect([...withIds, ...EXCEPTIONS]).toContain(id)
  })

  it('every declared table has the primary key that it is declared with', async () => {
    const storage = await dialect.freshStorage(allMigrations())
    const tables = new Map(
      (await listTables(storage.read, storage.dialect)).map(({ name, columns }) => [name, columns]),
    )
    expect(new Set(protectedTables.map(({ table }) => table)).size).toBe(protectedTables.length)
    for (const { table, key } of protectedTables) {
      expect([table, tables.get(table)]).toEqual([table, expect.arrayContaining([...key])])
    }
  })
})
