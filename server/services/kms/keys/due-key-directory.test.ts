// Which keys something is due for, across accounts and Regions, on both databases.
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { kms } from '../service.ts'
import type { KmsTables } from '../tables.ts'
import { alterKeyRow } from '../testing/altered-row.ts'
import { insertKey, newRootKey, openStores, SCOPE, type Stores } from '../testing/stores.ts'
import { deleteKey, dueKeyDirectory } from './due-key-directory.ts'
import type { Key } from './key.ts'

const NOW_MS = 1_800_000_000_000

describe.each(dialects)('The directory of due keys on $name', (dialect) => {
  const root = newRootKey()

  async function fresh() {
    const stores = await openStores(await dialect.freshStorage(kms.migrations), root)
    return { ...stores, directory: dueKeyDirectory(stores.storage, root) }
  }

  async function keyWith(
    stores: Stores,
    columns: Partial<KmsTables['kms_keys']>,
    scope = SCOPE,
  ): Promise<Key> {
    const key = await insertKey(stores, scope)
    await stores.storage.write((tx) => alterKeyRow(tx, root, key.id, columns))
    return key
  }
  const idsOf = (due: readonly { id: string }[]) => due.map(({ id }) => id)

  it('finds keys whose waiting period is over, the longest first, and no others', async () => {
    const stores = await fresh()
    const pending = (deletes_at_ms: number) =>
      keyWith(stores, { state: 'PendingDeletion', deletes_at_ms })
    const [second, first, future] = [
      await pending(NOW_MS),
      await pending(NOW_MS - 5),
      await pending(NOW_MS + 1),
    ]
    await insertKey(stores)
    // No date without the state, nor the state without a date, deletes a key.
    await keyWith(stores, { deletes_at_ms: 1 })
    await keyWith(stores, { state: 'PendingDeletion' })
    const { directory } = stores
    expect(idsOf(await directory.deletions(NOW_MS, 10))).toEqual([first.id, second.id])
    expect(idsOf(await directory.deletions(NOW_MS, 1))).toEqual([first.id])
    expect(idsOf(await directory.deletions(NOW_MS + 1, 10))).toContain(future.id)
  })

  it('finds keys that are to rotate: asked for in any state, by schedule only enabled', async () => {
    const stores = await fresh()
    const byDate = (state: string, next_rotation_at_ms: number) =>
      keyWith(stores, { state, next_rotation_at_ms, rotation_period_days: 90 })
    const due = await byDate('Enabled', NOW_MS)
    await byDate('Enabled', NOW_MS + 1)
    await byDate('Disabled', NOW_MS)
    await byDate('PendingDeletion', NOW_MS)
    const asked = await keyWith(stores, { state: 'Disabled', on_demand_rotation_at_ms: NOW_MS })
    const { directory } = stores
    expect(idsOf(await directory.rotations(NOW_MS, 10))).toEqual([asked.id, due.id])
    expect(idsOf(await directory.rotations(NOW_MS, 1))).toEqual([asked.id])
  })

  it('tells account and Region of each', async () => {
    const storage = await dialect.freshStorage(kms.migrations)
    const directory = dueKeyDirectory(storage, root)
    const elsewhere = { account: '444455556666', region: 'eu-west-1' } as unknown as typeof SCOPE
    for (const scope of [SCOPE, elsewhere]) {
      const stores = await openStores(storage, root, scope)
      const { id } = await keyWith(stores, { on_demand_rotation_at_ms: 1 }, scope)
      const due = await directory.rotations(NOW_MS, 10)
      expect(due).toContainEqual({ ...scope, id })
      expect(await directory.find({ ...scope, id })).toMatchObject({ ...scope, id })
      expect(await directory.find({ ...scope, region: 'us-west-2', id })).toBeUndefined()
    }
  })

  it('does not delete a key that changed since it was found', async () => {
    const stores = await fresh()
    const key = await insertKey(stores)
    const { storage, keys } = stores
    await storage.write((tx) => keys.setState(tx, key, 'Disabled'))
    await expect(storage.write((tx) => deleteKey(tx, key))).rejects.toThrow(Moved)
    expect((await keys.find(key.id))?.state).toBe('Disabled')
    expect(await stores.backingKeys.find(key, key.materialId)).toBeDefined()
  })

  it('deletes a key with its materials, so that no process finds them', async () => {
    const stores = await fresh()
    const [key, other] = [await insertKey(stores), await insertKey(stores)]
    for (const { materialId } of [key]) await stores.backingKeys.find(key, materialId)
    await stores.storage.write((tx) => deleteKey(tx, key))
    await expect.poll(() => stores.keys.find(key.id)).toBeUndefined()
    expect(await stores.backingKeys.find(key, key.materialId)).toBeUndefined()
    expect(await stores.storage.write((tx) => stores.directory.findIn(tx, key))).toBeUndefined()
    expect(await stores.backingKeys.find(other, other.materialId)).toBeDefined()
  })
})
