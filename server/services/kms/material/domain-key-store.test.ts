// Domain keys, on both databases: one set per Region, useless without the root key.
import { describe, expect, it } from 'vitest'
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
})
