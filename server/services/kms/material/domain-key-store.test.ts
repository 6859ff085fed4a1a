// Domain keys, on both databases: one set per Region, useless without the root key.
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { migrate } from '../../../storage/storage.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { keysMigration } from '../migrations/0001-keys.ts'
import type { KmsTables } from '../tables.ts'
import { newRootKey } from '../testing/stores.ts'
import { openDomainKeyStore } from './domain-key-store.ts'

const NOT_THIS_ROOT = 'What the root key unwraps was wrapped by it, for this use and this place.'
const PLACE = Buffer.from('a place')
const MATERIAL = Buffer.alloc(32, 7)

describe.each(dialects)('The domain key store on $name', (dialect) => {
  const rows = async (storage: Awaited<ReturnType<typeof dialect.freshStorage>>) =>
    storage.read
      .$extendTables<KmsTables>()
      .selectFrom('kms_domain_keys')
      .selectAll()
      .orderBy('region')
      .execute()

  it('makes one key for each Region when it is opened, and no second one', async () => {
    const storage = await dialect.freshStorage([keysMigration])
    const root = newRootKey()
    for (let times = 0; times < 3; times++) {
      await openDomainKeyStore(storage, root, ['eu-west-1', 'us-east-1'])
    }
    const made = await rows(storage)
    expect(made.map(({ region, generation }) => [region, generation])).toEqual([
      ['eu-west-1', 1],
      ['us-east-1', 1],
    ])
    expect(made[0]?.root_key_id).toBe(root.id)
  })

  it('lets processes that open a new Region at once use one key', async () => {
    const place = await dialect.freshPlace()
    const root = newRootKey()
    const first = await dialect.openAt(place)
    await migrate(first, [keysMigration])
    const storages = [first, ...(await Promise.all([1, 2, 3].map(() => dialect.openAt(place))))]
    const stores = await Promise.all(
      storages.map((storage) => openDomainKeyStore(storage, root, ['eu-west-1'])),
    )
    const newest = await Promise.all(stores.map((store) => store.newest('eu-west-1')))
    expect(new Set(newest.map(({ id }) => id)).size).toBe(1)
    expect(await rows(first)).toHaveLength(1)
    const wrapped = newest[0]?.wrap(PLACE, MATERIAL) ?? Buffer.of()
    for (const key of newest) expect(key.unwrap(PLACE, wrapped).equals(MATERIAL)).toBe(true)
  })

  it('gives a key by its id, also one that is not the newest', async () => {
    const storage = await dialect.freshStorage([keysMigration])
    const root = newRootKey()
    const store = await openDomainKeyStore(storage, root, ['us-east-1', 'eu-west-1'])
    const [american, european] = [await store.newest('us-east-1'), await store.newest('eu-west-1')]
    expect(american.id).not.toBe(european.id)
    const wrapped = american.wrap(PLACE, MATERIAL)
    const again = await openDomainKeyStore(storage, root, ['us-east-1'])
    expect((await again.get(american.id)).unwrap(PLACE, wrapped).equals(MATERIAL)).toBe(true)
    expect(() => european.unwrap(PLACE, wrapped)).toThrow(/A backing key was wrapped/)
    expect(() => american.unwrap(Buffer.from('another place'), wrapped)).toThrow(
      /A backing key was wrapped/,
    )
  })

  it('finds no key of a Region that was not opened, and none under an unknown id', async () => {
    const storage = await dialect.freshStorage([keysMigration])
    const store = await openDomainKeyStore(storage, newRootKey(), ['us-east-1'])
    await expect(store.newest('eu-west-1')).rejects.toThrow()
    await expect(store.get('00000000-0000-4000-8000-000000000000')).rejects.toThrow()
  })

  it('refuses with another root key, even one that claims the same id', async () => {
    const storage = await dialect.freshStorage([keysMigration])
    const root = newRootKey()
    await openDomainKeyStore(storage, root, ['us-east-1'])
    for (const other of [newRootKey(), { ...newRootKey(), id: root.id }]) {
      const store = await openDomainKeyStore(storage, other, ['us-east-1'])
      await expect(store.newest('us-east-1')).rejects.toThrow(NOT_THIS_ROOT)
    }
  })

  it('refuses a key that was moved to another Region or put under another id', async () => {
    const storage = await dialect.freshStorage([keysMigration])
    const root = newRootKey()
    await openDomainKeyStore(storage, root, ['us-east-1', 'eu-west-1'])
    const [european, american] = await rows(storage)
    await storage.write((tx) =>
      tx.db
        .$extendTables<KmsTables>()
        .updateTable('kms_domain_keys')
        .set({ wrapped: (european as KmsTables['kms_domain_keys']).wrapped })
        .where('region', '=', 'us-east-1')
        .execute(),
    )
    const store = await openDomainKeyStore(storage, root, ['us-east-1'])
    await expect(store.newest('us-east-1')).rejects.toThrow(NOT_THIS_ROOT)
    await expect(store.get(american?.domain_key_id ?? '')).rejects.toThrow(NOT_THIS_ROOT)
    expect((await store.newest('eu-west-1')).id).toBe(european?.domain_key_id)
  })

  it('wraps with the newest generation in every process as soon as there is one, and unwraps with all', async () => {
    const place = await dialect.freshPlace()
    const root = newRootKey()
    const storage = await dialect.openAt(place)
    await migrate(storage, [keysMigration])
    const regions = ['eu-west-1', 'us-east-1']
    const here = await openDomainKeyStore(storage, root, regions)
    const there = await openDomainKeyStore(await dialect.openAt(place), root, regions)
    const ids = [(await there.newest('eu-west-1')).id]
    const wrapped = [(await here.newest('eu-west-1')).wrap(PLACE, MATERIAL)]
    for (const generation of [2, 3, 4]) {
      const made = here.generate('eu-west-1')
      expect(await storage.write((tx) => here.insert(tx, made))).toBe(generation)
      const newest = await there.newest('eu-west-1')
      expect(newest.id).toBe(made.id)
      expect((await here.newest('eu-west-1')).id).toBe(made.id)
      ids.push(newest.id)
      wrapped.push(newest.wrap(PLACE, MATERIAL))
    }
    expect(new Set(ids).size).toBe(4)
    for (const store of [here, there, await openDomainKeyStore(storage, root, regions)]) {
      for (const [at, id] of ids.entries()) {
        const key = await store.get(id)
        expect(key.unwrap(PLACE, wrapped[at] ?? Buffer.of()).equals(MATERIAL)).toBe(true)
        const other = wrapped[(at + 1) % 4] ?? Buffer.of()
        expect(() => key.unwrap(PLACE, other)).toThrow(/A backing key was wrapped/)
      }
    }
    // The other Region stays as it was.
    expect((await rows(storage)).filter(({ region }) => region === 'us-east-1')).toHaveLength(1)
    expect(await there.regions()).toEqual(regions)
  })

  it('gives each of several new keys of one moment a generation of its own', async () => {
    const place = await dialect.freshPlace()
    const root = newRootKey()
    const storages = [await dialect.openAt(place), await dialect.openAt(place)]
    await migrate(storages[0] as (typeof storages)[0], [keysMigration])
    const rotate = async (storage: (typeof storages)[0]): Promise<number> => {
      const store = await openDomainKeyStore(storage, root, ['us-east-1'])
      for (;;) {
        try {
          return await storage.write((tx) => store.insert(tx, store.generate('us-east-1')))
        } catch (error) {
          if (!(error instanceof Moved)) throw error
        }
      }
    }
    const all = await Promise.all([...storages, ...storages, ...storages].map(rotate))
    expect(all.sort()).toEqual([2, 3, 4, 5, 6, 7])
  })
})
