// When a load sends its next request: as soon as an answer comes, or at a pace that no answer changes. The
// second is how callers who do not know of each other come; what a slow server makes wait counts as waiting.

const TICK_MS = 1

/** Sends one request that has been due since `dueAtMs`. */
type Send<Client> = (client: Client, dueAtMs: number) => void

export type Pace<Client> = {
  /** These may send from now on. */
  begin(clients: readonly Client[], nowMs: number, endAtMs: number): void
  /** The client has its answer; nothing is sent for requests that are due after the end. */
  idle(client: Client, nowMs: number): void
  /** Whether requests that are due wait for a client, or some will still be due. */
  isOver(nowMs: number): boolean
  stop(): void
}

/** Each client sends when it has its answer. */
export function closedPace<Client>(send: Send<Client>): Pace<Client> {
  let endAtMs = 0
  return {
    begin(clients, nowMs, endMs) {
      endAtMs = endMs
      for (const client of clients) send(client, nowMs)
    },
    idle(client, nowMs) {
      if (nowMs < endAtMs) send(client, nowMs)
    },
    isOver: (nowMs) => nowMs >= endAtMs,
    stop() {},
  }
}

/** So many requests each second; what no client is free for waits for the next that is. */
export function openPace<Client>(send: Send<Client>, perSecond: number): Pace<Client> {
  const free: Client[] = []
  /** Since when each has been due. */
  const due: number[] = []
  let nextAtMs = 0
  let endAtMs = 0
  let timer: NodeJS.Timeout | undefined

  function tick(): void {
    const nowMs = performance.now()
    // A timer that comes late is the generator's fault: what it let wait is due now, not earlier.
    for (; nextAtMs <= Math.min(nowMs, endAtMs); nextAtMs += gapMs()) due.push(nowMs)
    flush()
    if (nowMs >= endAtMs) clearInterval(timer)
  }

  /** Independent callers: gaps of a Poisson process. */
  function gapMs(): number {
    return (-Math.log(1 - Math.random()) * 1000) / perSecond
  }

  function flush(): void {
    while (due.length > 0 && free.length > 0) {
      send(free.pop() as Client, due.shift() as number)
    }
  }

  return {
    begin(clients, nowMs, endMs) {
      free.push(...clients)
      nextAtMs = nowMs
      endAtMs = endMs
      timer = setInterval(tick, TICK_MS)
    },
    idle(client) {
      free.push(client)
      flush()
    },
    isOver: () => nextAtMs > endAtMs && due.length === 0,
    stop: () => clearInterval(timer),
  }
}
