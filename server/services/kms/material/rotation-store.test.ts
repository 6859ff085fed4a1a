// The materials of keys, on both databases, and that every process has the one it needs.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../storage/storage.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import type { Key } from '../keys/key.ts'
import { keyRows } from '../keys/key-rows.ts'
import { changeKey } from '../keys/key-store.ts'
import { kms } from '../service.ts'
import { insertKey, newRootKey, openStores, type Stores } from '../testing/stores.ts'
import { insertRotated, type RotationType, rotationStore } from './rotation-store.ts'

/** How long another server may take to hear of a change; on one machine it hears at once. */
const BOUND_MS = { sqlite: 0, postgres: 1000 }

describe.each(dialects)('The rotation store on $name', (dialect) => {
  const root = newRootKey()

  async function two(): Promise<[Stores, Stores]> {
    const place = await dialect.freshPlace()
    const first = await dialect.openAt(place)
    await migrate(first, kms.migrations)
    return [await openStores(first, root), await openStores(await dialect.openAt(place), root)]
  }

  async function rotated(stores: Stores, key: Key, type: RotationType, atMs: number) {
    const material = await stores.backingKeys.generate(key)
    const { materialId } = material
    await stores.storage.write(async (tx) => {
      await changeKey(keyRows(root), tx, key, { materialId })
      await insertRotated(tx, key, material, type, atMs)
    })
    return { ...key, version: key.version + 1, materialId }
  }

  it('lists materials in the order in which they became current', async () => {
    const [stores] = await two()
    const rotations = rotationStore(stores.storage)
    const key = await insertKey(stores)
    const first = { materialId: key.materialId, number: 0, rotation: undefined }
    expect(await rotations.list(key)).toEqual([first])
    // Rotations of the same millisecond, and of one that the clock put before the last.
    const a = await rotated(stores, key, 'ON_DEMAND', 5000)
    const b = await rotated(stores, a, 'AUTOMATIC', 5000)
    const c = await rotated(stores, b, 'ON_DEMAND', 4000)
    expect(await rotations.list(key)).toEqual([
      first,
      { materialId: a.materialId, number: 1, rotation: { type: 'ON_DEMAND', atMs: 5000 } },
      { materialId: b.materialId, number: 2, rotation: { type: 'AUTOMATIC', atMs: 5000 } },
      { materialId: c.materialId, number: 3, rotation: { type: 'ON_DEMAND', atMs: 4000 } },
    ])
    expect(await rotations.countOnDemand(key)).toBe(2)
    expect(await rotations.list(await insertKey(stores))).toHaveLength(1)
  })

  it('lets one of two rotations at once be made', async () => {
    const [stores, others] = await two()
    const key = await insertKey(stores)
    const both = await Promise.allSettled([
      rotated(stores, key, 'ON_DEMAND', 1),
      rotated(others, key, 'AUTOMATIC', 2),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await rotationStore(stores.storage).list(key)).toHaveLength(2)
  })

  it('has the new material in the process that rotated at once', async () => {
    const [stores] = await two()
    const key = await insertKey(stores)
    await stores.backingKeys.find(key, key.materialId)
    const after = await rotated(stores, key, 'ON_DEMAND', 1)
    expect((await stores.keys.find(key.id))?.materialId).toBe(after.materialId)
    expect(await stores.backingKeys.find(after, after.materialId)).toBeDefined()
  })

  it('has it within the bound of the change feed in other processes', async () => {
    const [stores, others] = await two()
    const key = await insertKey(stores)
    await others.keys.find(key.id)
    const after = await rotated(stores, key, 'ON_DEMAND', 1)
    await sleep(BOUND_MS[dialect.name])
    others.storage.changes.requireCurrent()
    expect((await others.keys.find(key.id))?.materialId).toBe(after.materialId)
  })

  it('opens a blob of the new material in a process that has not heard of the rotation yet', async () => {
    const [stores, others] = await two()
    const key = await insertKey(stores)
    const before = await others.backingKeys.find(key, key.materialId)
    expect(before).toBeDefined()
    const after = await rotated(stores, key, 'ON_DEMAND', 1)
    // The row of the key as it still knows it, and a material that it has never seen.
    expect(await others.backingKeys.find(key, after.materialId)).toBeDefined()
    expect(await others.backingKeys.find(key, after.materialId)).toBeDefined()
  })

  it('keeps what is cached where somebody names a material that there is not', async () => {
    const [stores] = await two()
    const key = await insertKey(stores)
    const cached = await stores.backingKeys.find(key, key.materialId)
    expect(await stores.backingKeys.find(key, 'f'.repeat(64))).toBeUndefined()
    expect(stores.backingKeys.find(key, key.materialId)).toBe(cached)
  })
})
