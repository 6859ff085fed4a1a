// Ends what is under way in multi-Region keys: a new replica can be used once its Region can unwrap every
// material of its primary key, and a change of the primary Region is over.
// https://docs.aws.amazon.com/kms/latest/developerguide/ct-synchronize-multi-region-key.html
import type { Job } from '../../../contract/job.ts'
import type { Transaction } from '../../../storage/storage.ts'
import type { DueKey, DueKeyDirectory } from '../keys/due-key-directory.ts'
import type { Key } from '../keys/key.ts'
import { keyArn } from '../keys/key-reference.ts'
import { keyResources } from '../keys/key-target.ts'
import { isMultiRegion } from '../keys/multi-region.ts'
import { relatedKeys } from '../keys/related-keys.ts'
import type { BackingKeyStore } from '../material/backing-key-store.ts'
import type { RotationStore } from '../material/rotation-store.ts'

export function synchronizeKeys(
  directory: DueKeyDirectory,
  backingKeys: BackingKeyStore,
  rotations: RotationStore,
): Job<DueKey> {
  const related = relatedKeys(directory)

  /** Throws where the replica would not decrypt all that its primary key does. */
  async function requireMaterials(replica: Key, primary: Key): Promise<void> {
    for (const { materialId } of await rotations.list(primary)) {
      if ((await backingKeys.find(replica, materialId)) === undefined) {
        throw new Error(`${replica.arn} has no material ${materialId} of its primary key`)
      }
    }
  }

  /** The key and its related keys that the change of the primary Region holds. */
  async function updating(tx: Transaction, key: Key): Promise<readonly Key[]> {
    const others = await related.list(tx, key)
    return [key, ...others.filter(({ state }) => state === 'Updating')]
  }

  return {
    name: 'kms/synchronize-keys',
    // Whoever made the replica waits for it.
    everyMs: 1000,
    irreversible: false,
    due: (_nowMs, limit) => directory.transitions(limit),
    async prepare(place) {
      const key = await directory.find(place)
      if (key?.state !== 'Creating' || !isMultiRegion(key)) return
      const primary = await directory.find({ ...place, region: key.multiRegion.primary })
      // Imported material does not cross: its owner brings it.
      if (primary?.origin === 'AWS_KMS') await requireMaterials(key, primary)
    },
    async apply(place, _prepared, tx) {
      const key = await directory.findIn(tx, place)
      if (key === undefined || !isMultiRegion(key)) return undefined
      if (key.state !== 'Creating' && key.state !== 'Updating') return undefined
      const isNew = key.state === 'Creating'
      const state = isNew && key.origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled'
      const held = isNew ? [key] : await updating(tx, key)
      for (const one of held) await directory.change(tx, one, { state })
      const { account, id, multiRegion } = key
      const arn = keyArn({ account, region: multiRegion.primary }, id)
      return {
        account,
        region: multiRegion.primary,
        eventName: 'SynchronizeMultiRegionKey',
        resources: keyResources({ account, arn }),
        response: { keyId: arn },
        details: undefined,
      }
    },
  }
}
