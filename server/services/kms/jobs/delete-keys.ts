// Deletes keys whose waiting period is over. What was encrypted under them is lost from then on.
// https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
import type { Job } from '../../../contract/job.ts'
import { type DueKey, type DueKeyDirectory, deleteKey } from '../keys/due-key-directory.ts'
import type { Key } from '../keys/key.ts'
import { daysAfter } from '../keys/key-schedule.ts'
import type { KeyChange } from '../keys/key-store.ts'
import { keyResources } from '../keys/key-target.ts'
import { hasReplicas, withoutReplica } from '../keys/multi-region.ts'
import { relatedKeys } from '../keys/related-keys.ts'

export function deleteKeys(directory: DueKeyDirectory): Job<DueKey> {
  const related = relatedKeys(directory)
  return {
    name: 'kms/delete-keys',
    everyMs: 60_000,
    irreversible: true,
    due: directory.deletions,
    prepare: () => Promise.resolve(),
    async apply(place, _prepared, tx, nowMs) {
      const key = await directory.findIn(tx, place)
      const isDue =
        key?.state === 'PendingDeletion' && (key.schedule.deletesAtMs ?? Infinity) <= nowMs
      // A primary key without which its replicas would have nobody to get new material from stays.
      if (!isDue || hasReplicas(key)) return undefined
      const others = await related.list(tx, key)
      await deleteKey(tx, key)
      for (const other of others) {
        await directory.change(tx, other, afterDeletionOf(key, other, nowMs))
      }
      return {
        account: key.account,
        region: key.region,
        eventName: 'DeleteKey',
        resources: keyResources(key),
        response: { keyId: key.arn },
        details: undefined,
      }
    },
  }
}

/** What a related key becomes without the replica; the waiting period of its primary may begin. */
function afterDeletionOf({ region }: Key, other: Key, nowMs: number): KeyChange {
  const multiRegion = other.multiRegion && withoutReplica(other.multiRegion, region)
  const { windowDays } = other.schedule
  const waited = other.state === 'PendingReplicaDeletion' && windowDays !== undefined
  if (!waited || multiRegion?.replicas.length !== 0) return { multiRegion }
  const deletesAtMs = daysAfter(nowMs, windowDays)
  const schedule = { ...other.schedule, deletesAtMs, windowDays: undefined }
  return { multiRegion, state: 'PendingDeletion', schedule }
}
