// Whether this process holds the root key that the database goes by. Where another server has rotated it
// this one does not, and refuses everything until it is started with the new seal.
import type { Logger } from 'pino'
import { findRootKeyId } from './installation-store.ts'
import { RootKeyReplacedError } from './root-key-fence-store.ts'
import { ROOT_KEY_TOPIC } from './root-key-rotation-store.ts'
import type { RootKeyRing } from './seal/root-key-ring.ts'
import { type Storage, StorageClosedError } from './storage/storage.ts'

/** Comes before the root key's id while it is about to be rotated to: in the subject of a change. */
const ABOUT_TO = 'next/'
/** A server that rotates says so this often. */
export const SAY_EVERY_MS = 3000
const BELIEVE_FOR_MS = 5 * SAY_EVERY_MS
const LOOK_AGAIN_MS = 500

const REPLACED =
  'the root key was rotated on another server, so this one refuses every call. Copy root.key (or seal.json) of that server into the directory of this one, and start this one again'

export type RootKeyWatch = {
  /** Throws where this process may not answer. */
  requireUsable(): void
  /** Asks the database now which root key it goes by. */
  look(): Promise<void>
}

/** What a server announces to all others that is about to rotate the root key to the one with this id. */
export function aboutToRotateTo(id: string): string {
  return `${ABOUT_TO}${id}`
}

export function watchRootKey(storage: Storage, rootKeys: RootKeyRing, log: Logger): RootKeyWatch {
  let closedUntilMs = 0
  let isReplaced = false

  async function look(): Promise<void> {
    try {
      const id = await findRootKeyId(storage)
      const wasReplaced = isReplaced
      isReplaced = id === undefined || !rootKeys.follow(id)
      closedUntilMs = 0
      if (isReplaced && !wasReplaced) log.error({ rootKeyId: id }, REPLACED)
      if (!isReplaced && wasReplaced) log.info({ rootKeyId: id }, 'the root key is the right one')
    } catch (error) {
      if (error instanceof StorageClosedError) return
      // A database that does not answer makes this process refuse anyhow.
      setTimeout(look, LOOK_AGAIN_MS).unref()
    }
  }

  /** Whoever announced it says so again for as long as it is about to. */
  function lookWhenOver(): void {
    if (performance.now() >= closedUntilMs) look()
  }

  storage.changes.subscribe(ROOT_KEY_TOPIC, {
    onChange(subject) {
      const isAnnounced = subject.startsWith(ABOUT_TO)
      const id = isAnnounced ? subject.slice(ABOUT_TO.length) : subject
      if (rootKeys.knows(id)) {
        if (!isAnnounced) look()
        return
      }
      // Rows may be under a key that this process does not have at any moment from now on.
      closedUntilMs = performance.now() + BELIEVE_FOR_MS
      if (isAnnounced) setTimeout(lookWhenOver, BELIEVE_FOR_MS).unref()
      else look()
    },
    onReset: look,
  })

  return {
    look,
    requireUsable() {
      if (isReplaced || performance.now() < closedUntilMs) throw new RootKeyReplacedError()
    },
  }
}
