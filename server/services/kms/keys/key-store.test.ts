// The rows of keys, on both databases.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { ForgedRowError } from '../../../seal/row-mac.ts'
import { migrate } from '../../../storage/storage.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { settleFeed } from '../../../storage/testing/settled-feed.ts'
import { type Alias, aliasArn } from '../aliases/alias.ts'
import { aliasStores } from '../aliases/alias-store.ts'
import { kms } from '../service.ts'
import type { KmsTables } from '../tables.ts'
import { openTagStore } from '../tags/tag-store.ts'
import { insertKey, newRootKey, openStores, SCOPE, type Stores } from '../testing/stores.ts'
import type { Key } from './key.ts'
import { cacheId, KEY_TOPIC, keyStores } from './key-store.ts'

/** How long another server may take to hear of a change; on one machine it hears at once. */
const BOUND_MS = { sqlite: 0, postgres: 1000 }

describe.each(dialects)('The key store on $name', (dialect) => {
  const root = newRootKey()
  const fresh = async () => openStores(await dialect.freshStorage(kms.migrations), root)

  /** Two processes over one database. */
  async function two(): Promise<[Stores, Stores]> {
    const place = await dialect.freshPlace()
    const first = await dialect.openAt(place)
    await migrate(first, kms.migrations)
    return [await openStores(first, root), await openStores(await dialect.openAt(place), root)]
  }

  it('finds a key as it was inserted', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    expect(await stores.keys.find(key.id)).toEqual(key)
  })

  it('finds nothing under an id that nobody has, and finds it once it is there', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    const missing = key.id.replace(/^./, key.id.startsWith('0') ? '1' : '0')
    expect(await stores.keys.find(missing)).toBeUndefined()
    expect(await stores.keys.find(missing)).toBeUndefined()
  })

  it('answers at once, without a promise, what it has found before', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    await settleFeed(stores.storage)
    const first = await stores.keys.find(key.id)
    expect(stores.keys.find(key.id)).toBe(first)
  })

  it('shows the keys of other accounts and Regions to nobody', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    for (const scope of [
      { ...SCOPE, account: '444455556666' },
      { ...SCOPE, region: 'eu-west-1' },
    ]) {
      const others = keyStores(stores.storage, root)(scope)
      expect(await others.find(key.id)).toBeUndefined()
      expect(await others.list(undefined, 10)).toEqual([])
      const change = stores.storage.write((tx) => others.setState(tx, key, 'Disabled'))
      await expect(change).rejects.toThrow(Moved)
    }
    expect((await stores.keys.find(key.id))?.state).toBe('Enabled')
  })

  it('refuses a second key with the same id', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    await expect(stores.storage.write((tx) => stores.keys.insert(tx, key))).rejects.toThrow()
  })

  it('lists by key id, after a key id, as many as asked for', async () => {
    const stores = await fresh()
    const keys = []
    for (let count = 0; count < 5; count++) keys.push(await insertKey(stores))
    const ids = keys.map(({ id }) => id).sort()
    const listed = async (after: string | undefined, limit: number) =>
      (await stores.keys.list(after, limit)).map(({ id }) => id)
    expect(await listed(undefined, 10)).toEqual(ids)
    expect(await listed(undefined, 2)).toEqual(ids.slice(0, 2))
    expect(await listed(ids[1], 2)).toEqual(ids.slice(2, 4))
    expect(await listed(ids[4], 2)).toEqual([])
  })

  it('changes the state of a key and its version, and finds the key so at once', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    await stores.keys.find(key.id)
    await stores.storage.write((tx) => stores.keys.setState(tx, key, 'Disabled'))
    expect(await stores.keys.find(key.id)).toEqual({ ...key, state: 'Disabled', version: 2 })
  })

  it('answers Moved where the key is not the one that was authorized any more', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    await stores.storage.write((tx) => stores.keys.setState(tx, key, 'Disabled'))
    const stale = stores.storage.write((tx) => stores.keys.setState(tx, key, 'Enabled'))
    await expect(stale).rejects.toThrow(Moved)
    expect(await stores.keys.find(key.id)).toMatchObject({ state: 'Disabled', version: 2 })
  })

  it('lets one of two changes made at once win, whichever process makes them', async () => {
    const [first, second] = await two()
    const key = await insertKey(first)
    const outcomes = await Promise.allSettled(
      [first, second, first, second].map(({ storage, keys }) =>
        storage.write((tx) => keys.setState(tx, key, 'Disabled')),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Moved)
    }
  })

  it('keeps what is cached of a key when its change is rolled back', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    const change = stores.storage.write(async (tx) => {
      await stores.keys.setState(tx, key, 'Disabled')
      throw new Error('no')
    })
    await expect(change).rejects.toThrow('no')
    expect(await stores.keys.find(key.id)).toEqual(key)
  })

  it('hears of a change in another process within the bound', async () => {
    const [first, second] = await two()
    const key = await insertKey(first)
    expect((await second.keys.find(key.id))?.state).toBe('Enabled')
    await first.storage.write((tx) => first.keys.setState(tx, key, 'Disabled'))
    const deadline = performance.now() + BOUND_MS[dialect.name]
    let state: string | undefined
    do {
      second.storage.changes.requireCurrent()
      state = (await second.keys.find(key.id))?.state
      if (state === 'Enabled') await sleep(20)
    } while (state === 'Enabled' && performance.now() < deadline)
    expect(state).toBe('Disabled')
  })

  it('keeps whom the policy names, and refuses a row in which somebody else changed that', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    const policyPrincipals = new Map([['arn:aws:iam::111122223333:user/u', 'AIDAURSULA0000000001']])
    await stores.storage.write((tx) =>
      stores.keys.change(tx, key, { policy: '{}', policyPrincipals }),
    )
    expect(await stores.keys.find(key.id)).toEqual({
      ...key,
      policy: '{}',
      policyPrincipals,
      version: 2,
    })
    await stores.storage.write(async (tx) => {
      const db = tx.db.$extendTables<KmsTables>()
      const policy_principals = '[["arn:aws:iam::111122223333:user/u","AIDAEVE00000000000001"]]'
      await db.updateTable('kms_keys').set({ policy_principals }).execute()
      await tx.announce(KEY_TOPIC, cacheId(SCOPE, key.id))
    })
    await expect(stores.keys.find(key.id)).rejects.toThrow(ForgedRowError)
  })

  it('finds a key with its tags and the names of its aliases', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    const tags = openTagStore(stores.storage, root, SCOPE)
    await stores.storage.write(async (tx) => {
      await stores.keys.touch(tx, key)
      await tags.put(tx, key.id, [{ key: 'Team', value: 'red' }])
      await aliasStores(stores.storage, root)(SCOPE).insert(tx, aliasOf(key, 'alias/app'))
    })
    const { attributes } = (await stores.keys.find(key.id)) ?? {}
    expect(attributes).toEqual({ tags: [{ key: 'Team', value: 'red' }], aliases: ['alias/app'] })
  })

  it('hears of a tag in another process within the bound', async () => {
    const [first, second] = await two()
    const key = await insertKey(first)
    expect((await second.keys.find(key.id))?.attributes.tags).toEqual([])
    await first.storage.write(async (tx) => {
      await first.keys.touch(tx, key)
      await openTagStore(first.storage, root, SCOPE).put(tx, key.id, [{ key: 'a', value: '1' }])
    })
    const deadline = performance.now() + BOUND_MS[dialect.name]
    let tags: number | undefined
    do {
      second.storage.changes.requireCurrent()
      tags = (await second.keys.find(key.id))?.attributes.tags.length
      if (tags === 0) await sleep(20)
    } while (tags === 0 && performance.now() < deadline)
    expect(tags).toBe(1)
  })
})

function aliasOf(key: Key, name: string): Alias {
  const { account, region } = key
  const times = { createdAtMs: 1, updatedAtMs: 1 }
  return { account, region, name, arn: aliasArn(key, name), version: 1, keyId: key.id, ...times }
}
