// Imported material of multi-Region keys: one key has got it, and the related keys wait until their owner
// brings it there as well. https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-import.html
import type { Transaction } from '../../../storage/storage.ts'
import type { Key } from '../keys/key.ts'
import { otherRegions } from '../keys/multi-region.ts'
import type { Crossing } from './crossing.ts'
import type {
  ImportedMaterial,
  ImportedMaterialStore,
  MaterialCopy,
} from './imported-material-store.ts'
import { type AwaitedMaterial, findPending, isThere } from './imports.ts'

type Stores = { readonly crossing: Crossing; readonly importedMaterials: ImportedMaterialStore }

/** Stores what the key is to get from its owner. */
export async function awaitMaterial(
  { crossing, importedMaterials }: Stores,
  tx: Transaction,
  key: Key,
  { entry, history }: AwaitedMaterial,
): Promise<void> {
  const { materialId, domainKeyId } = entry
  const nothing = { materialId, domainKeyId, wrapped: Buffer.alloc(0), publicKey: undefined }
  await crossing.insert(tx, key, { ...nothing, ...history })
  await importedMaterials.put(tx, key, entry)
}

/**
 * The material that a rotation would make current. Every related key has got it: a rotation makes none
 * of them unusable.
 */
export async function findRotatable(
  key: Key,
  materials: readonly ImportedMaterial[],
  nowMs: number,
  copies: (materialId: string, regions: readonly string[]) => Promise<readonly MaterialCopy[]>,
): Promise<ImportedMaterial | undefined> {
  const pending = findPending(materials, nowMs)
  const others = otherRegions(key)
  if (pending === undefined || others.length === 0) return pending
  const elsewhere = await copies(pending.materialId, others)
  const isEverywhere = others.every((region) =>
    elsewhere.some((copy) => copy.region === region && isThere(copy, nowMs)),
  )
  return isEverywhere ? pending : undefined
}
