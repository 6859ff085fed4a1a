// Deletes keys whose waiting period is over. What was encrypted under them is lost from then on.
// https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
import type { Job } from '../../../contract/job.ts'
import { type DueKey, type DueKeyDirectory, deleteKey } from '../keys/due-key-directory.ts'
import { keyResources } from '../keys/key-target.ts'

export function deleteKeys(directory: DueKeyDirectory): Job<DueKey> {
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
      if (!isDue) return undefined
      await deleteKey(tx, key)
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
