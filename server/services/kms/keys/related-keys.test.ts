// Changes of what related keys share, on both databases.
import { describe, expect, it } from 'vitest'
import { Moved } from '../../../contract/operation.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import { kms } from '../service.ts'
import { insertKey, newRootKey, openStores, SCOPE } from '../testing/stores.ts'
import { dueKeyDirectory } from './due-key-directory.ts'
import type { Key } from './key.ts'
import { keyArn } from './key-reference.ts'
import { keyStores } from './key-store.ts'
import { relatedKeys } from './related-keys.ts'

const HERE = SCOPE.region
const THERE = 'eu-west-1'
const THIRD = 'ap-south-1'

describe.each(dialects)('Related keys on $name', (dialect) => {
  const root = newRootKey()

  /** Rows in three Regions; the primary key is the first. */
  async function fresh(present: readonly string[] = [THERE, THIRD]) {
    const { storage, ...stores } = await openStores(
      await dialect.freshStorage(kms.migrations),
      root,
    )
    const of = keyStores(storage, root)
    const directory = dueKeyDirectory(storage, root)
    const single = await insertKey({ storage, ...stores })
    const id = 'mrk-0123456789abcdef0123456789abcdef'
    const multiRegion = { primary: HERE, replicas: [THIRD, THERE] }
    const make = (region: string): Key => ({
      ...single,
      id,
      region,
      arn: keyArn({ ...SCOPE, region }, id),
      multiRegion,
    })
    await storage.write(async (tx) => {
      for (const region of [HERE, ...present]) {
        await of({ ...SCOPE, region }).insert(tx, make(region))
      }
    })
    return { storage, directory, related: relatedKeys(directory), single, primary: make(HERE) }
  }

  it('are those of the other Regions, read back as they were written', async () => {
    const { storage, related, single, primary } = await fresh()
    await storage.write(async (tx) => {
      const listed = await related.list(tx, primary)
      expect(listed.map(({ region }) => region)).toEqual([THIRD, THERE])
      for (const { multiRegion } of listed) expect(multiRegion).toEqual(primary.multiRegion)
      expect(await related.list(tx, single)).toEqual([])
    })
  })

  it('change together, and only where that is meant', async () => {
    const { storage, directory, related, primary } = await fresh()
    await storage.write((tx) => related.change(tx, primary, () => ({ state: 'Disabled' })))
    const stateIn = async (region: string) =>
      (await directory.find({ ...SCOPE, region, id: primary.id }))?.state
    expect([await stateIn(HERE), await stateIn(THERE), await stateIn(THIRD)]).toEqual([
      'Enabled',
      'Disabled',
      'Disabled',
    ])
    const isThird = ({ region }: Key) => region === THIRD
    await storage.write((tx) => related.change(tx, primary, () => ({ state: 'Enabled' }), isThird))
    expect([await stateIn(THERE), await stateIn(THIRD)]).toEqual(['Disabled', 'Enabled'])
  })

  it('are looked for anew where one of them is gone, and none is changed', async () => {
    const { storage, directory, related, primary } = await fresh([THIRD])
    const change = storage.write((tx) => related.change(tx, primary, () => ({ state: 'Disabled' })))
    await expect(change).rejects.toThrow(Moved)
    expect((await directory.find({ ...SCOPE, region: THIRD, id: primary.id }))?.state).toBe(
      'Enabled',
    )
  })

  it('are on their way into another state only as multi-Region keys', async () => {
    const { storage, directory, single, primary } = await fresh()
    expect(await directory.transitions(10)).toEqual([])
    await storage.write(async (tx) => {
      await directory.change(tx, primary, { state: 'Updating' })
      await directory.change(tx, single, { state: 'Creating' })
    })
    expect(await directory.transitions(10)).toEqual([{ ...SCOPE, id: primary.id }])
  })

  it('rotate with their primary key alone', async () => {
    const { storage, directory, related, primary } = await fresh()
    const rotation = { periodDays: 90, nextAtMs: 1000 }
    const schedule = { ...primary.schedule, rotation, onDemandSinceMs: undefined }
    await storage.write(async (tx) => {
      await directory.change(tx, primary, { schedule })
      await related.change(tx, primary, () => ({ schedule }))
    })
    expect(await directory.rotations(1000, 10)).toEqual([{ ...SCOPE, id: primary.id }])
    const asked = { ...schedule, onDemandSinceMs: 1 }
    await storage.write((tx) => related.change(tx, primary, () => ({ schedule: asked })))
    expect(await directory.rotations(1000, 10)).toEqual([{ ...SCOPE, id: primary.id }])
  })
})
