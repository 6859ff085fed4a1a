// A cache that a change feed keeps coherent: what was read before a change is never kept after it.

import { LRUCache } from 'lru-cache'

export type CoherentCache<V> = {
  /**
   * The value of `id`: at once, without a promise, when cached; otherwise as `load` finds it.
   * Concurrent misses share one load. A load's failure and `undefined` are not cached.
   */
  get(id: string, load: () => Promise<V | undefined>): V | undefined | Promise<V | undefined>
  /** Forgets one id. A load under way is still answered to those who wait for it, but not kept. */
  drop(id: string): void
  /** Forgets everything, loads under way included. */
  clear(): void
}

/**
 * Makes a cache of at most `maxEntries`, the least recently used leaving first. `dispose` is told of
 * each value that leaves, while others may still be using it: it must not spoil the value.
 */
export function coherentCache<V>({
  maxEntries,
  dispose,
}: {
  maxEntries: number
  dispose?: (value: V, id: string) => void
}): CoherentCache<V> {
  const entries = new LRUCache<string, { readonly value: V }>({
    max: maxEntries,
    ...(dispose && { dispose: (entry, id) => dispose(entry.value, id) }),
  })
  const loads = new Map<string, Promise<V | undefined>>()

  function startLoad(id: string, load: () => Promise<V | undefined>) {
    const loading: Promise<V | undefined> = load().then(
      (value) => {
        // Only the load still registered may store: a drop or clear since it began unregistered it.
        if (loads.get(id) === loading) {
          loads.delete(id)
          if (value !== undefined) entries.set(id, { value })
        }
        return value
      },
      (error) => {
        if (loads.get(id) === loading) loads.delete(id)
        throw error
      },
    )
    loads.set(id, loading)
    return loading
  }

  return {
    get(id, load) {
      const entry = entries.get(id)
      if (entry) return entry.value
      return loads.get(id) ?? startLoad(id, load)
    },
    drop(id) {
      loads.delete(id)
      entries.delete(id)
    },
    clear() {
      loads.clear()
      entries.clear()
    },
  }
}
