// Slow arithmetic runs on libuv's thread pool, but never on all of it: the pool also writes the audit
// trail, and a record that waits behind prime numbers keeps every answer waiting.

/** Lets `limit` pieces of work run at once; the others wait in the order in which they came. */
export function turnstile(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // Whoever waits longest takes over this place.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}

/** Of the four threads that the pool has, one stays free. */
export const onThreadPool = turnstile(3)
