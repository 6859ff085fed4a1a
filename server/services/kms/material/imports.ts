// What an import is, and what becomes of a key as its imported materials come and go.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html
import type { Transaction } from '../../../storage/storage.ts'
import { IncorrectKeyMaterialException, KMSInvalidStateException } from '../errors.ts'
import { isPendingDeletion, type Key } from '../keys/key.ts'
import type { ImportedKey } from '../keys/key-import.ts'
import type { KeyChange } from '../keys/key-store.ts'
import { isReplica } from '../keys/multi-region.ts'
import type { RelatedKeys } from '../keys/related-keys.ts'
import type { BackingKeyStore } from './backing-key-store.ts'
import type { ImportedMaterial, ImportedMaterialStore } from './imported-material-store.ts'
import type { Fingerprint } from './material-fingerprint.ts'
import type { MaterialHistory } from './material-row-store.ts'

/** What a caller says about the material that it brings. */
export type ImportRequest = {
  readonly ImportType?: string | undefined
  readonly KeyMaterialId?: string | undefined
}

/** Material that a related key is to get from its owner: it does not cross. */
export type AwaitedMaterial = {
  readonly entry: ImportedMaterial
  readonly history: MaterialHistory
}

/** What a Region knows of material that it has not got. */
export function awaitedEntry(
  { materialId, state }: ImportedMaterial,
  fingerprint: Fingerprint,
): ImportedMaterial {
  // Each Region has a description of its own.
  const nothing = { isPresent: false, expiresAtMs: undefined, description: undefined }
  return { materialId, state, ...nothing, ...fingerprint }
}

/** Whether the material is there at that moment: past its date it is not, even where it was not deleted yet. */
export function isThere({ isPresent, expiresAtMs }: ImportedMaterial, nowMs: number): boolean {
  return isPresent && (expiresAtMs ?? Infinity) > nowMs
}

/** The material that waits for a rotation to become current, where there is one. */
export function findPending(
  materials: readonly ImportedMaterial[],
  nowMs: number,
): ImportedMaterial | undefined {
  return materials.find((each) => each.state === 'PENDING_ROTATION' && isThere(each, nowMs))
}

/**
 * Throws where what came is not what the caller says it is: `same` is which of the key's materials it
 * is. Without a word on it, the first import is new and every later one brings back what was there.
 */
export function requireExpected(
  key: Key,
  request: ImportRequest,
  known: readonly ImportedMaterial[],
  same: ImportedMaterial | undefined,
): void {
  const { ImportType: type, KeyMaterialId: id } = request
  const isNew = type === undefined ? known.length === 0 : type === 'NEW_KEY_MATERIAL'
  // What is told to be there already is not new.
  if (!isNew || id !== undefined) {
    if (same === undefined) throw IncorrectKeyMaterialException.other(key.arn)
    if (id !== undefined && same.materialId !== id) throw IncorrectKeyMaterialException.notThat(id)
    return
  }
  if (same !== undefined) throw IncorrectKeyMaterialException.known(key.arn)
  if (known.some(({ state }) => state === 'PENDING_ROTATION')) {
    throw KMSInvalidStateException.rotationPending(key.arn)
  }
}

/** What becomes of the key when these are its imported materials. */
export function keyWith(
  key: Key,
  materials: readonly ImportedMaterial[],
): Pick<KeyChange, 'state' | 'imported'> {
  const imported = standing(materials)
  if (isPendingDeletion(key)) return { imported }
  if (imported === undefined) return { imported, state: 'PendingImport' }
  return key.state === 'PendingImport' ? { imported, state: 'Enabled' } : { imported }
}

/** A key can be used while every material is there that it has for good. */
function standing(materials: readonly ImportedMaterial[]): ImportedKey | undefined {
  const forGood = materials.filter(({ state }) => state === 'ASSOCIATED')
  if (forGood.length === 0 || forGood.some(({ isPresent }) => !isPresent)) return undefined
  const dates = forGood.flatMap(({ expiresAtMs }) => expiresAtMs ?? [])
  return { expiresAtMs: dates.length === 0 ? undefined : Math.min(...dates) }
}

/** Whether there is anything to delete: with what waits at a primary key also goes that others wait for it. */
export function isDeletable(key: Key, { state, isPresent }: ImportedMaterial): boolean {
  return isPresent || (state === 'PENDING_ROTATION' && !isReplica(key))
}

type MaterialStores = {
  readonly backingKeys: BackingKeyStore
  readonly importedMaterials: ImportedMaterialStore
  readonly related: RelatedKeys
}

/**
 * Deletes one of the key's materials, and answers what becomes of the key. What belongs to the key for
 * good stays known, so that the same can come back; what only waited for a rotation is forgotten, and with
 * a primary key's its replicas'. A replica deletes its own alone.
 */
export async function deleteMaterial(
  { backingKeys, importedMaterials, related }: MaterialStores,
  tx: Transaction,
  key: Key,
  materials: readonly ImportedMaterial[],
  gone: ImportedMaterial,
): Promise<KeyChange> {
  const others = materials.filter(({ materialId }) => materialId !== gone.materialId)
  if (gone.state === 'PENDING_ROTATION' && !isReplica(key)) {
    for (const each of [key, ...(await related.list(tx, key))]) {
      await backingKeys.remove(tx, each, gone.materialId)
      await importedMaterials.remove(tx, each, gone.materialId)
    }
    await related.change(tx, key, () => ({}))
    // The rotation that was asked for has nothing to make current any more.
    return { ...keyWith(key, others), schedule: { ...key.schedule, onDemandSinceMs: undefined } }
  }
  const cleared = { ...gone, isPresent: false, expiresAtMs: undefined }
  await backingKeys.clear(tx, key, gone.materialId)
  await importedMaterials.put(tx, key, cleared)
  return keyWith(key, [...others, cleared])
}
