// What was used last, and when: remembered in memory, where it costs next to nothing, and stored with others
// once a minute and when the process ends. Of what several processes store the latest stays.
import type { Logger } from 'pino'

export type LastUses<Place, Use> = {
  /** Remembers a use of what has this name. */
  note(name: string, place: Place, use: Use): void
  /** The last use that this process remembers and has not stored yet. */
  find(name: string): Promise<Use | undefined>
  /** Stores what is remembered; what cannot be stored now is remembered on. */
  flush(): Promise<void>
}

/** A use, and of what. */
export type Noted<Place, Use> = { readonly place: Place; readonly use: Use }

const FLUSH_AFTER_MS = 60_000
const ROWS_AT_ONCE = 500

/** `what` is what is used, in the plural; `store` writes a batch in one transaction. */
export function lastUses<Place, Use extends { readonly atMs: number }>(
  what: string,
  store: (batch: readonly Noted<Place, Use>[]) => Promise<void>,
  log: Pick<Logger, 'warn'>,
): LastUses<Place, Use> {
  type Remembered = { readonly name: string; readonly place: Place; use: Use }
  const remembered = new Map<string, Remembered>()
  let flushing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  function note(name: string, place: Place, use: Use): void {
    const known = remembered.get(name)
    // Slow calls come later than quick ones that began after them.
    if (known !== undefined && known.use.atMs > use.atMs) return
    if (known !== undefined) known.use = use
    else remembered.set(name, { name, place, use })
    timer ??= setTimeout(() => void flush(), FLUSH_AFTER_MS).unref()
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    flushing = (flushing ?? Promise.resolve()).then(storeRemembered)
    return flushing
  }

  async function storeRemembered(): Promise<void> {
    while (remembered.size > 0) {
      const batch = [...remembered.values()].slice(0, ROWS_AT_ONCE)
      for (const { name } of batch) remembered.delete(name)
      try {
        await store(batch)
      } catch (error) {
        const { message } = error as Error
        log.warn(
          { count: batch.length, failure: message },
          `last uses of ${what} are not stored yet`,
        )
        for (const { name, place, use } of batch) note(name, place, use)
        return
      }
    }
  }

  return {
    note,
    flush,
    async find(name) {
      // What is being stored is in neither place for a moment.
      await flushing
      return remembered.get(name)?.use
    },
  }
}
