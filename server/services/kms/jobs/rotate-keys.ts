// Gives keys new material, when their period is over or somebody asked for it. What was encrypted under
// the old stays readable for ever. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
import type { Job } from '../../../contract/job.ts'
import { Moved } from '../../../contract/operation.ts'
import type { Transaction } from '../../../storage/storage.ts'
import type { DueKey, DueKeyDirectory } from '../keys/due-key-directory.ts'
import type { Key } from '../keys/key.ts'
import { daysAfter, type KeyRotation, type KeySchedule } from '../keys/key-schedule.ts'
import { keyResources } from '../keys/key-target.ts'
import { otherRegions } from '../keys/multi-region.ts'
import { type RelatedKeys, relatedKeys } from '../keys/related-keys.ts'
import type { BackingKeyStore } from '../material/backing-key-store.ts'
import type { Crossing } from '../material/crossing.ts'
import type { ImportedMaterialStore } from '../material/imported-material-store.ts'
import { keyWith } from '../material/imports.ts'
import type { NewMaterial } from '../material/material-row-store.ts'
import { findRotatable } from '../material/related-imports.ts'
import { insertRotated, promote, type RotationType } from '../material/rotation-store.ts'

type Prepared = {
  readonly material: NewMaterial
  /** The same for each Region that has a related key. */
  readonly crossed: ReadonlyMap<string, NewMaterial>
}

type Rotated = NewMaterial & { readonly type: RotationType; readonly nowMs: number }

export function rotateKeys(
  directory: DueKeyDirectory,
  backingKeys: BackingKeyStore,
  importedMaterials: ImportedMaterialStore,
  crossing: Crossing,
): Job<DueKey> {
  const related = relatedKeys(directory)
  return {
    name: 'kms/rotate-keys',
    // Whoever asked for a rotation waits for it.
    everyMs: 1000,
    irreversible: false,
    due: directory.rotations,
    async prepare(place): Promise<Prepared | undefined> {
      const key = await directory.find(place)
      if (key?.origin !== 'AWS_KMS') return undefined
      const material = await backingKeys.generate(key)
      const crossed = new Map<string, NewMaterial>()
      for (const region of otherRegions(key)) {
        crossed.set(region, await crossing.cross(key, material, region))
      }
      return { material, crossed }
    },
    async apply(place, prepared, tx, nowMs) {
      const key = await directory.findIn(tx, place)
      const type = key && rotationDue(key, nowMs)
      if (key === undefined || type === undefined) return undefined
      if (key.origin === 'EXTERNAL') {
        const stores = { directory, related, importedMaterials }
        const materialId = await rotateImported(stores, tx, key, nowMs)
        return materialId === undefined ? undefined : eventOf(key, materialId, type)
      }
      if (prepared === undefined) return undefined
      const { material, crossed } = prepared as Prepared
      const rotated = { ...material, type, nowMs }
      const number = await rotate(directory, tx, key, rotated)
      // None of them encrypts with the new material before all of them can decrypt.
      for (const other of await related.list(tx, key)) {
        const copy = crossed.get(other.region)
        // It was made a replica after the material had been made.
        if (copy === undefined) throw new Moved()
        await adopt(directory, crossing, tx, other, { ...rotated, ...copy, number })
      }
      return eventOf(key, material.materialId, type)
    },
  }
}

/** An on-demand rotation is finished even where the key was disabled meanwhile, as AWS does. */
function rotationDue(key: Key, nowMs: number): RotationType | undefined {
  const { rotation, onDemandSinceMs } = key.schedule
  if (onDemandSinceMs !== undefined) return 'ON_DEMAND'
  const isDue = key.state === 'Enabled' && rotation !== undefined && rotation.nextAtMs <= nowMs
  return isDue ? 'AUTOMATIC' : undefined
}

/** Rotates the key; answers the number of the rotation. */
async function rotate(
  directory: DueKeyDirectory,
  tx: Transaction,
  key: Key,
  { type, nowMs, ...material }: Rotated,
): Promise<number> {
  const schedule: KeySchedule =
    type === 'ON_DEMAND'
      ? { ...key.schedule, onDemandSinceMs: undefined }
      : { ...key.schedule, rotation: nextRotation(key, nowMs) }
  await directory.change(tx, key, { materialId: material.materialId, schedule })
  return insertRotated(tx, key, material, type, nowMs)
}

/** Gives a replica the material that its primary key has got. */
async function adopt(
  directory: DueKeyDirectory,
  crossing: Crossing,
  tx: Transaction,
  replica: Key,
  { type, nowMs, number, ...material }: Rotated & { readonly number: number },
): Promise<void> {
  const rotation = type === 'ON_DEMAND' ? replica.schedule.rotation : nextRotation(replica, nowMs)
  const schedule = { ...replica.schedule, rotation }
  await directory.change(tx, replica, { materialId: material.materialId, schedule })
  const history = { createdAtMs: nowMs, rotationNumber: number, rotationType: type }
  await crossing.insert(tx, replica, { ...material, ...history })
}

/** From now on, not from the date that was missed while the key was disabled. */
function nextRotation({ schedule: { rotation } }: Key, nowMs: number): KeyRotation | undefined {
  return rotation && { ...rotation, nextAtMs: daysAfter(nowMs, rotation.periodDays) }
}

type ImportStores = {
  readonly directory: DueKeyDirectory
  readonly related: RelatedKeys
  readonly importedMaterials: ImportedMaterialStore
}

/**
 * Makes current what was imported for it, in every Region, and answers its id; nothing where one of them
 * has not got it any more. The rotation then waits until it comes back, or is deleted everywhere.
 */
async function rotateImported(
  stores: ImportStores,
  tx: Transaction,
  key: Key,
  nowMs: number,
): Promise<string | undefined> {
  const { related, importedMaterials } = stores
  // The keys first: whoever changes what is asked for after them changes them.
  const others = await related.list(tx, key)
  const materials = await importedMaterials.listIn(tx, key)
  const copies = (id: string, regions: readonly string[]) =>
    importedMaterials.copiesIn(tx, key, id, regions)
  const pending = await findRotatable(key, materials, nowMs, copies)
  if (pending === undefined) return undefined
  for (const each of [key, ...others]) {
    await makeCurrent(stores, tx, each, pending.materialId, nowMs)
  }
  return pending.materialId
}

/** Makes the material current that the key has for it, for good. */
async function makeCurrent(
  { directory, importedMaterials }: ImportStores,
  tx: Transaction,
  key: Key,
  materialId: string,
  nowMs: number,
): Promise<void> {
  const materials = (await importedMaterials.listIn(tx, key)).map((each) =>
    each.materialId === materialId ? ({ ...each, state: 'ASSOCIATED' } as const) : each,
  )
  await directory.change(tx, key, {
    ...keyWith(key, materials),
    materialId,
    schedule: { ...key.schedule, onDemandSinceMs: undefined },
  })
  await promote(tx, key, materialId, 'ON_DEMAND', nowMs)
  for (const each of materials) {
    if (each.materialId === materialId) await importedMaterials.put(tx, key, each)
  }
}

function eventOf(key: Key, currentId: string, type: RotationType) {
  return {
    account: key.account,
    region: key.region,
    eventName: 'RotateKey',
    resources: keyResources(key),
    response: undefined,
    details: {
      rotationType: type,
      keyOrigin: key.origin,
      previousKeyMaterialId: key.materialId,
      currentKeyMaterialId: currentId,
      keyId: key.id,
    },
  }
}
