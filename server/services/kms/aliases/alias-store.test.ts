// The rows of aliases, on both databases, and as other processes see them.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { migrate, type Storage } from '../../../storage/storage.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { settleFeed } from '../../../storage/testing/settled-feed.ts'
import type { Key } from '../keys/key.ts'
import { kms } from '../service.ts'
import type { KmsTables } from '../tables.ts'
import { insertKey, newRootKey, openStores, SCOPE, type Stores } from '../testing/stores.ts'
import { type Alias, aliasArn } from './alias.ts'
import { type AliasStore, aliasStores } from './alias-store.ts'

/** How long another server may take to hear of a change; on one machine it hears at once. */
const BOUND_MS = { sqlite: 0, postgres: 1000 }
const CREATED_MS = 1_700_000_000_123

type Process = { readonly storage: Storage; readonly stores: Stores; readonly aliases: AliasStore }

function aliasOf(key: Key, name: string): Alias {
  const dates = { createdAtMs: CREATED_MS, updatedAtMs: CREATED_MS }
  return { ...SCOPE, name, arn: aliasArn(SCOPE, name), version: 1, keyId: key.id, ...dates }
}

describe.each(dialects)('The alias store on $name', (dialect) => {
  const root = newRootKey()

  async function open(storage: Storage): Promise<Process> {
    return {
      storage,
      stores: await openStores(storage, root),
      aliases: aliasStores(storage, root)(SCOPE),
    }
  }

  /** One process, and a key with one alias. */
  async function fresh() {
    const process = await open(await dialect.freshStorage(kms.migrations))
    const key = await insertKey(process.stores)
    const alias = aliasOf(key, 'alias/app')
    await process.storage.write((tx) => process.aliases.insert(tx, alias))
    return { ...process, key, alias }
  }

  /** Two processes over one database. */
  async function two(): Promise<[Process, Process]> {
    const place = await dialect.freshPlace()
    const storage = await dialect.openAt(place)
    await migrate(storage, kms.migrations)
    return [await open(storage), await open(await dialect.openAt(place))]
  }

  it('finds an alias as it was inserted, and afterwards without a promise', async () => {
    const { storage, aliases, alias } = await fresh()
    await settleFeed(storage)
    expect(await aliases.find('alias/app')).toEqual(alias)
    expect(aliases.find('alias/app')).toEqual(alias)
    expect(await aliases.find('alias/App')).toBeUndefined()
  })

  it('finds an alias that was looked for before it was there', async () => {
    const { storage, aliases, key } = await fresh()
    expect(await aliases.find('alias/late')).toBeUndefined()
    await storage.write((tx) => aliases.insert(tx, aliasOf(key, 'alias/late')))
    expect((await aliases.find('alias/late'))?.keyId).toBe(key.id)
  })

  it('answers whether a name was free, and leaves the alias that has it', async () => {
    const { storage, stores, aliases, alias } = await fresh()
    const other = await insertKey(stores)
    const insert = (name: string) => storage.write((tx) => aliases.insert(tx, aliasOf(other, name)))
    expect(await insert('alias/app')).toBe(false)
    expect(await insert('alias/free')).toBe(true)
    expect(await aliases.find('alias/app')).toEqual(alias)
  })

  it('shows the aliases of other accounts and Regions to nobody', async () => {
    const { storage, aliases, alias, key } = await fresh()
    for (const scope of [
      { ...SCOPE, account: '444455556666' },
      { ...SCOPE, region: 'eu-west-1' },
    ]) {
      const others = aliasStores(storage, root)(scope)
      expect(await others.find('alias/app')).toBeUndefined()
      expect(await others.list(undefined, 10, undefined)).toEqual([])
      expect(await storage.write((tx) => others.count(tx, key.id))).toBe(0)
      await expect(storage.write((tx) => others.delete(tx, alias))).rejects.toThrow(Moved)
      await expect(storage.write((tx) => others.move(tx, alias, key.id, 1))).rejects.toThrow(Moved)
    }
    expect(await aliases.find('alias/app')).toEqual(alias)
  })

  it('lists after a name, as many as asked for, of one key or of all', async () => {
    const { storage, stores, aliases, key } = await fresh()
    const other = await insertKey(stores)
    await storage.write(async (tx) => {
      for (const name of ['alias/a', 'alias/b', 'alias/c']) {
        await aliases.insert(tx, aliasOf(name === 'alias/b' ? other : key, name))
      }
    })
    const listed = async (after: string | undefined, limit: number, keyId?: string) =>
      (await aliases.list(after, limit, keyId)).map(({ name }) => name)
    expect(await listed(undefined, 10)).toEqual(['alias/a', 'alias/app', 'alias/b', 'alias/c'])
    expect(await listed('alias/app', 1)).toEqual(['alias/b'])
    expect(await listed('alias/a', 10, key.id)).toEqual(['alias/app', 'alias/c'])
    expect(await listed('alias/c', 10)).toEqual([])
    expect(await storage.write((tx) => aliases.count(tx, key.id))).toBe(3)
  })

  it('moves an alias as it was authorized, once', async () => {
    const { storage, stores, aliases, alias, key } = await fresh()
    const other = await insertKey(stores)
    const later = CREATED_MS + 1
    await storage.write((tx) => aliases.move(tx, alias, other.id, later))
    const moved = { ...alias, keyId: other.id, version: 2, updatedAtMs: later }
    expect(await aliases.find('alias/app')).toEqual(moved)
    for (const stale of [alias, { ...moved, keyId: key.id }, { ...moved, version: 3 }]) {
      await expect(storage.write((tx) => aliases.move(tx, stale, key.id, 1))).rejects.toThrow(Moved)
      await expect(storage.write((tx) => aliases.delete(tx, stale))).rejects.toThrow(Moved)
    }
    expect(await aliases.find('alias/app')).toEqual(moved)
  })

  it('deletes an alias, once', async () => {
    const { storage, aliases, alias } = await fresh()
    await aliases.find('alias/app')
    await storage.write((tx) => aliases.delete(tx, alias))
    expect(await aliases.find('alias/app')).toBeUndefined()
    await expect(storage.write((tx) => aliases.delete(tx, alias))).rejects.toThrow(Moved)
  })

  it('keeps what is cached of an alias when its change is rolled back', async () => {
    const { storage, aliases, alias } = await fresh()
    await settleFeed(storage)
    await aliases.find('alias/app')
    const change = storage.write(async (tx) => {
      await aliases.delete(tx, alias)
      throw new Error('no')
    })
    await expect(change).rejects.toThrow('no')
    expect(aliases.find('alias/app')).toEqual(alias)
  })

  it('loses the aliases of a key with the key', async () => {
    const { storage, aliases, key } = await fresh()
    await storage.write(async (tx) => {
      const db = tx.db.$extendTables<KmsTables>()
      await db.deleteFrom('kms_key_materials').where('key_id', '=', key.id).execute()
      await db.deleteFrom('kms_keys').where('key_id', '=', key.id).execute()
    })
    expect(await aliases.list(undefined, 10, undefined)).toEqual([])
  })

  it('counts what no other process can add to while the key is held', async () => {
    const [first, second] = await two()
    const key = await insertKey(first.stores)
    const counts = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const { storage, stores, aliases } = index % 2 ? first : second
        return storage.write(async (tx) => {
          await stores.keys.touch(tx, key)
          await aliases.insert(tx, aliasOf(key, `alias/${index}`))
          return aliases.count(tx, key.id)
        })
      }),
    )
    const each = Array.from({ length: 20 }, (_, index) => index + 1)
    expect(counts.sort((left, right) => left - right)).toEqual(each)
  })

  it('does not let a key be held that has changed since it was authorized', async () => {
    const { storage, stores, key } = await fresh()
    await storage.write((tx) => stores.keys.touch(tx, key))
    const attributes = { tags: [], aliases: ['alias/app'] }
    expect(await stores.keys.find(key.id)).toEqual({ ...key, attributes })
    await storage.write((tx) => stores.keys.setState(tx, key, 'Disabled'))
    await expect(storage.write((tx) => stores.keys.touch(tx, key))).rejects.toThrow(Moved)
  })

  it('moves an alias in another process within the bound', async () => {
    const [first, second] = await two()
    const [key, other] = [await insertKey(first.stores), await insertKey(first.stores)]
    const alias = aliasOf(key, 'alias/app')
    await first.storage.write((tx) => first.aliases.insert(tx, alias))
    const seen = () => {
      second.storage.changes.requireCurrent()
      return second.aliases.find('alias/app')
    }
    expect((await seen())?.keyId).toBe(key.id)
    expect(seen()).toEqual(alias)
    await first.storage.write((tx) => first.aliases.move(tx, alias, other.id, 1))
    const deadline = performance.now() + BOUND_MS[dialect.name]
    while ((await seen())?.keyId === key.id && performance.now() < deadline) await sleep(20)
    expect((await seen())?.keyId).toBe(other.id)
  })
})
