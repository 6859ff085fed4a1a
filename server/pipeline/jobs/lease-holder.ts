// This process's side of the lease: takes it where nobody has it or its holder is silent, keeps it by
// signs of life, and knows whether it has it. What it knows may be old: `lease-store.ts` decides.
import { randomUuid } from '../../crypto/random.ts'
import type { Transaction } from '../../storage/storage.ts'
import { type Lease, LeaseLost, type LeaseRow, type LeaseStore } from './lease-store.ts'

export type LeaseTimes = {
  /** How often the holder shows life when it has nothing to do. */
  readonly renewEveryMs: number
  /** How long a holder may be silent before another process takes the lease. */
  readonly takeAfterMs: number
}

export type LeaseHolder = {
  /** Takes the lease if it is to be had; answers whether this process has it. */
  hold(): Promise<boolean>
  isHeld(): boolean
  /** Whether it is time to show life. */
  isToRenew(): boolean
  /** Holds the lease until the transaction ends; throws LeaseLost where it was taken. */
  keep(tx: Transaction): Promise<void>
  /** Tells that a transaction with `keep` was committed. */
  kept(): void
  /** Tells that the lease was found to be taken. */
  lost(): void
  release(): Promise<void>
}

/** `steadyMs` is a clock of this process's own that nobody sets. */
export function leaseHolder(
  store: LeaseStore,
  { renewEveryMs, takeAfterMs }: LeaseTimes,
  steadyMs: () => number,
): LeaseHolder {
  const holder = randomUuid()
  let lease: Lease | undefined
  let keptAtMs = 0
  let seen: { readonly row: LeaseRow; readonly sinceMs: number } | undefined

  function mayTake(row: LeaseRow | undefined): boolean {
    if (row === undefined || row.holder === null) return true
    const isSame = seen !== undefined && seen.row.fence === row.fence && seen.row.beat === row.beat
    if (!isSame) seen = { row, sinceMs: steadyMs() }
    return seen !== undefined && steadyMs() - seen.sinceMs >= takeAfterMs
  }

  return {
    async hold() {
      if (lease !== undefined) return true
      const row = await store.find()
      if (!mayTake(row)) return false
      lease = await store.take(row, holder)
      seen = undefined
      keptAtMs = steadyMs()
      return lease !== undefined
    },
    isHeld: () => lease !== undefined,
    isToRenew: () => steadyMs() - keptAtMs >= renewEveryMs,
    async keep(tx) {
      if (lease === undefined) throw new LeaseLost('this process does not run the jobs')
      await store.keep(tx, lease)
    },
    kept() {
      keptAtMs = steadyMs()
    },
    lost() {
      lease = undefined
    },
    async release() {
      const held = lease
      lease = undefined
      if (held !== undefined) await store.release(held)
    },
  }
}
