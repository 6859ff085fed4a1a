// Writes of a process stand under the root key that counts at that moment: nothing is stored under one that
// was replaced meanwhile, by whichever server.
import { NotReady } from './health.ts'
import { holdRootKeyId } from './installation-store.ts'
import type { RootKeyRing } from './seal/root-key-ring.ts'
import type { Storage } from './storage/storage.ts'

/** This process does not have the root key that the database goes by: it must refuse. */
export class RootKeyReplacedError extends NotReady {
  constructor() {
    super(
      'the root key is rotated on another server: copy its root.key or seal.json here, and start this one again',
    )
  }
}

/** The storage, whose every transaction holds the root key as it is; throws RootKeyReplacedError. */
export function fencedStorage(storage: Storage, rootKeys: RootKeyRing): Storage {
  return {
    ...storage,
    write: (work, pace) =>
      storage.write(async (tx) => {
        const id = await holdRootKeyId(tx, storage.dialect)
        if (id === undefined || !rootKeys.follow(id)) throw new RootKeyReplacedError()
        return work(tx)
      }, pace),
  }
}
