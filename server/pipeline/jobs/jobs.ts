// The jobs of one serving process, put together.
import type { Logger } from 'pino'
import type { AuditTrail } from '../../contract/ports.ts'
import type { Storage } from '../../storage/storage.ts'
import { clockGuard } from './clock-store.ts'
import { leaseHolder } from './lease-holder.ts'
import { leaseStore } from './lease-store.ts'
import { machineClock } from './machine-clock.ts'
import type { JobOfService, Outcome } from './perform.ts'
import { type JobRunner, jobRunner } from './runner.ts'

export { jobsMigration } from './migrations/0001-jobs.ts'
export type { JobOfService } from './perform.ts'
export type { JobRunner } from './runner.ts'

const TICK_MS = 1000
const LEASE_TIMES = { renewEveryMs: 10_000, takeAfterMs: 30_000 }

export function openJobs(parts: {
  readonly storage: Storage
  readonly trail: AuditTrail
  readonly jobs: readonly JobOfService[]
  readonly log: Logger
  count(job: string, outcome: Outcome | 'failed'): void
}): JobRunner {
  const { storage } = parts
  return jobRunner({
    ...parts,
    lease: leaseHolder(leaseStore(storage), LEASE_TIMES, () => performance.now()),
    guard: clockGuard(storage),
    clock: machineClock(),
    tickMs: TICK_MS,
  })
}
