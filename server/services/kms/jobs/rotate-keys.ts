// Gives keys new material, when their period is over or somebody asked for it. What was encrypted under
// the old stays readable for ever. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
import type { Job } from '../../../contract/job.ts'
import type { Transaction } from '../../../storage/storage.ts'
import type { DueKey, DueKeyDirectory } from '../keys/due-key-directory.ts'
import type { Key } from '../keys/key.ts'
import { daysAfter, type KeySchedule } from '../keys/key-schedule.ts'
import { keyResources } from '../keys/key-target.ts'
import type { BackingKeyStore, NewMaterial } from '../material/backing-key-store.ts'
import type { ImportedMaterialStore } from '../material/imported-material-store.ts'
import { findPending, keyWith } from '../material/imports.ts'
import { insertRotated, promote, type RotationType } from '../material/rotation-store.ts'

export function rotateKeys(
  directory: DueKeyDirectory,
  backingKeys: BackingKeyStore,
  importedMaterials: ImportedMaterialStore,
): Job<DueKey> {
  return {
    name: 'kms/rotate-keys',
    // Whoever asked for a rotation waits for it.
    everyMs: 1000,
    irreversible: false,
    due: directory.rotations,
    async prepare(place): Promise<NewMaterial | undefined> {
      const key = await directory.find(place)
      return key?.origin === 'AWS_KMS' ? backingKeys.generate(key) : undefined
    },
    async apply(place, prepared, tx, nowMs) {
      const key = await directory.findIn(tx, place)
      const type = key && rotationDue(key, nowMs)
      if (key === undefined || type === undefined) return undefined
      if (key.origin === 'EXTERNAL') {
        const materialId = await rotateImported(directory, importedMaterials, tx, key, nowMs)
        return materialId === undefined ? undefined : eventOf(key, materialId, type)
      }
      if (prepared === undefined) return undefined
      const material = prepared as NewMaterial
      await rotate(directory, tx, key, material, type, nowMs)
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

async function rotate(
  directory: DueKeyDirectory,
  tx: Transaction,
  key: Key,
  material: NewMaterial,
  type: RotationType,
  nowMs: number,
): Promise<void> {
  const { rotation } = key.schedule
  const schedule: KeySchedule =
    type === 'ON_DEMAND'
      ? { ...key.schedule, onDemandSinceMs: undefined }
      : {
          ...key.schedule,
          // From now on, not from the date that was missed while the key was disabled.
          rotation: rotation && { ...rotation, nextAtMs: daysAfter(nowMs, rotation.periodDays) },
        }
  await directory.change(tx, key, { materialId: material.materialId, schedule })
  await insertRotated(tx, key, material, type, nowMs)
}

/** Makes current what was imported for it, and answers its id; nothing where that is gone by now. */
async function rotateImported(
  directory: DueKeyDirectory,
  importedMaterials: ImportedMaterialStore,
  tx: Transaction,
  key: Key,
  nowMs: number,
): Promise<string | undefined> {
  const materials = await importedMaterials.listIn(tx, key)
  const pending = findPending(materials, nowMs)
  if (pending === undefined) return undefined
  const { materialId } = pending
  const associated = { ...pending, state: 'ASSOCIATED' } as const
  const others = materials.filter((each) => each !== pending)
  await directory.change(tx, key, {
    ...keyWith(key, [...others, associated]),
    materialId,
    schedule: { ...key.schedule, onDemandSinceMs: undefined },
  })
  await promote(tx, key, materialId, 'ON_DEMAND', nowMs)
  await importedMaterials.put(tx, key, associated)
  return materialId
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
