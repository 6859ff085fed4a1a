// The rows of tags, on both databases.
import { describe, expect, it } from 'vitest'
import { dialects } from '../../../storage/testing/dialects.ts'
import { kms } from '../service.ts'
import type { KmsTables } from '../tables.ts'
import { insertKey, newRootKey, openStores, SCOPE } from '../testing/stores.ts'
import { openTagStore } from './tag-store.ts'

describe.each(dialects)('The tag store on $name', (dialect) => {
  /** A key with two tags. */
  async function fresh() {
    const storage = await dialect.freshStorage(kms.migrations)
    const root = newRootKey()
    const stores = await openStores(storage, root)
    const key = await insertKey(stores)
    const tags = openTagStore(storage, root, SCOPE)
    await storage.write((tx) => tags.put(tx, key.id, [{ key: 'a', value: '1' }, B]))
    return { storage, root, stores, tags, key }
  }
  const B = { key: 'b', value: '' }

  it('lists after a tag key, as many as asked for', async () => {
    const { tags, key } = await fresh()
    expect(await tags.list(key.id, undefined, 10)).toEqual([{ key: 'a', value: '1' }, B])
    expect(await tags.list(key.id, undefined, 1)).toEqual([{ key: 'a', value: '1' }])
    expect(await tags.list(key.id, 'a', 10)).toEqual([B])
    expect(await tags.list(key.id, 'b', 10)).toEqual([])
  })

  it('adds tags, and gives those that are there new values', async () => {
    const { storage, tags, key } = await fresh()
    const more = [
      { key: 'a', value: '2' },
      { key: 'c', value: '\u65e5\u672c' },
    ]
    await storage.write((tx) => tags.put(tx, key.id, more))
    expect(await tags.list(key.id, undefined, 10)).toEqual([more[0], B, more[1]])
    expect(await storage.write((tx) => tags.count(tx, key.id))).toBe(3)
  })

  it('removes the tags that are named, where they are there', async () => {
    const { storage, tags, key } = await fresh()
    await storage.write((tx) => tags.remove(tx, key.id, ['a', 'never']))
    expect(await tags.list(key.id, undefined, 10)).toEqual([B])
  })

  it('does nothing where it is given nothing', async () => {
    const { storage, tags, key } = await fresh()
    await storage.write(async (tx) => {
      await tags.put(tx, key.id, [])
      await tags.remove(tx, key.id, [])
    })
    expect(await tags.list(key.id, undefined, 10)).toHaveLength(2)
  })

  it('keeps the tags of keys, accounts and Regions apart', async () => {
    const { storage, root, stores, tags, key } = await fresh()
    const other = await insertKey(stores)
    expect(await tags.list(other.id, undefined, 10)).toEqual([])
    for (const scope of [
      { ...SCOPE, account: '444455556666' },
      { ...SCOPE, region: 'eu-west-1' },
    ]) {
      const others = openTagStore(storage, root, scope)
      expect(await others.list(key.id, undefined, 10)).toEqual([])
      expect(await storage.write((tx) => others.count(tx, key.id))).toBe(0)
      await storage.write((tx) => others.remove(tx, key.id, ['a', 'b']))
      await expect(storage.write((tx) => others.put(tx, key.id, [B]))).rejects.toThrow()
    }
    expect(await tags.list(key.id, undefined, 10)).toHaveLength(2)
  })

  it('loses the tags of a key with the key', async () => {
    const { storage, tags, key } = await fresh()
    await storage.write(async (tx) => {
      const db = tx.db.$extendTables<KmsTables>()
      await db.deleteFrom('kms_key_materials').where('key_id', '=', key.id).execute()
      await db.deleteFrom('kms_keys').where('key_id', '=', key.id).execute()
    })
    expect(await tags.list(key.id, undefined, 10)).toEqual([])
  })
})
