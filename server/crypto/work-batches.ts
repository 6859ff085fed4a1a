// Slow arithmetic in batches: each hand-over to another thread and back costs the event loop a turn, however
// much is handed over. docs/signing-speed.md.

export type BatchParts<Task, Result> = {
  /** Does all tasks of a batch, one after the other; nothing in the place of one that failed. */
  readonly run: (tasks: readonly Task[]) => Promise<readonly (Result | undefined)[]>
  /** How long a task takes, in any unit. */
  readonly costOf: (task: Task) => number
  /** A batch of several tasks costs no more than that. */
  readonly maxCost: number
  /** So many batches may be under way at once. */
  readonly places: number
}

type Waiting<Task, Result> = {
  readonly task: Task
  readonly cost: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Takes tasks in their order. Few of them are spread over all places; the more there are, the more go
 * together.
 */
export function workBatches<Task, Result>({
  run,
  costOf,
  maxCost,
  places,
}: BatchParts<Task, Result>): (task: Task) => Promise<Result> {
  const waiting: Waiting<Task, Result>[] = []
  let taken = 0
  /** Of all tasks that are not done. */
  let openCost = 0

  function occupy(): void {
    taken++
    // All requests of this turn of the event loop are there by then.
    process.nextTick(work)
  }

  function work(): void {
    const batch = nextBatch()
    if (batch.length === 0) {
      taken--
      return
    }
    run(batch.map(({ task }) => task))
      .then(
        (results) => {
          for (const [index, { resolve, reject }] of batch.entries()) {
            const result = results[index]
            if (result === undefined) reject(new Error('OpenSSL refused'))
            else resolve(result)
          }
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error)
        },
      )
      .then(() => leave(batch))
  }

  function leave(batch: readonly Waiting<Task, Result>[]): void {
    for (const { cost } of batch) openCost -= cost
    taken--
    if (waiting.length > 0) occupy()
  }

  /** The share of one place in all that is open, at least one task. */
  function nextBatch(): readonly Waiting<Task, Result>[] {
    const share = Math.min(maxCost, openCost / places)
    let count = 0
    let cost = 0
    for (const next of waiting) {
      if (count > 0 && cost + next.cost > share) break
      cost += next.cost
      count++
    }
    return waiting.splice(0, count)
  }

  return (task) =>
    new Promise((resolve, reject) => {
      const cost = costOf(task)
      openCost += cost
      waiting.push({ task, cost, resolve, reject })
      if (taken < places) occupy()
    })
}
