// A new epoch: how the trail goes on after a restore. Its first chain names the heads that came out of
// the backup and the backup itself, and its first record tells of the restore.
import type { Foundation } from '../../contract/service.ts'
import type { RestoredFrom } from './chain.ts'
import { openChainRegister } from './chain-store.ts'
import { openOutbox } from './outbox-store.ts'
import { journalOf } from './service.ts'
import { openHeadKeys } from './signing-key-store.ts'
import { openTrail } from './trail.ts'

/** Opens the epoch and resolves once `record` stands in it. Nothing else may be writing the trail. */
export async function openEpoch(
  { storage, rootKey, log }: Pick<Foundation, 'storage' | 'rootKey' | 'log'>,
  directory: string,
  restored: RestoredFrom,
  record: string,
): Promise<void> {
  const trail = await openTrail({
    journal: journalOf(storage, directory),
    register: openChainRegister(storage),
    outbox: openOutbox(storage),
    keys: await openHeadKeys(storage, rootKey),
    log,
    restored,
  })
  try {
    await new Promise<void>((resolve, reject) => {
      trail.append(record, (failure) => (failure === undefined ? resolve() : reject(failure)))
    })
  } finally {
    await trail.close()
  }
}
