// Slow arithmetic runs on libuv's thread pool, but never on all of it: the pool also writes the audit
// trail, and a record that waits behind signatures keeps every answer waiting.

type Turnstile = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Lets `limit` pieces of work run at once; the others wait in the order in which they came. While more wait
 * than are done, what is done may wait for others, `bunch` at most, to go on together with them.
 */
export function turnstile(limit: number, bunch = 1): Turnstile {
  const waiting: (() => void)[] = []
  let done: (() => void)[] = []
  let running = 0

  function leave(): Promise<void> | undefined {
    // Whoever waits longest takes over this place.
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
    // Those who wait keep somebody working, who will come past here.
    if (done.length + 1 < bunch && done.length + 1 < waiting.length) {
      return new Promise((resolve) => done.push(resolve))
    }
    const together = done
    done = []
    for (const goOn of together) goOn()
    return undefined
  }

  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      await leave()
    }
  }
}

/** Of the four threads that the pool has, one stays free. */
export const POOL_PLACES = 3

/**
 * Under load, what follows a signature (its record on disk, its answer) costs less for eight at once than for
 * one after the other.
 */
export const onThreadPool = turnstile(POOL_PLACES, 8)
