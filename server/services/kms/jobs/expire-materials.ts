// Deletes imported material whose date has come. The key is not used from that date on, whenever this
// runs; its owner can bring the same material again.
// https://docs.aws.amazon.com/kms/latest/developerguide/ct-deleteexpiredkeymaterial.html
import type { Job } from '../../../contract/job.ts'
import type { DueKeyDirectory } from '../keys/due-key-directory.ts'
import { keyResources } from '../keys/key-target.ts'
import { relatedKeys } from '../keys/related-keys.ts'
import type { BackingKeyStore } from '../material/backing-key-store.ts'
import type { DueMaterial, ImportedMaterialStore } from '../material/imported-material-store.ts'
import { deleteMaterial } from '../material/imports.ts'

export function expireMaterials(
  directory: DueKeyDirectory,
  backingKeys: BackingKeyStore,
  importedMaterials: ImportedMaterialStore,
): Job<DueMaterial> {
  const stores = { backingKeys, importedMaterials, related: relatedKeys(directory) }
  return {
    name: 'kms/expire-materials',
    everyMs: 60_000,
    // Whoever imported it may have kept no copy.
    irreversible: true,
    due: importedMaterials.due,
    prepare: () => Promise.resolve(),
    async apply(place, _prepared, tx, nowMs) {
      const key = await directory.findIn(tx, place)
      if (key === undefined) return undefined
      const materials = await importedMaterials.listIn(tx, key)
      const gone = materials.find(({ materialId }) => materialId === place.materialId)
      if ((gone?.expiresAtMs ?? Infinity) > nowMs || gone === undefined) return undefined
      const change = await deleteMaterial(stores, tx, key, materials, gone)
      await directory.change(tx, key, change)
      return {
        account: key.account,
        region: key.region,
        eventName: 'DeleteExpiredKeyMaterial',
        resources: keyResources(key),
        response: undefined,
        details: { keyId: key.id, keyMaterialId: gone.materialId },
      }
    },
  }
}
