// One item of a job, from its preparation to its record.
import type { Job } from '../../contract/job.ts'
import { Moved } from '../../contract/operation.ts'
import type { AuditTrail } from '../../contract/ports.ts'
import { randomUuid } from '../../crypto/random.ts'
import { CommitOutcomeUnknownError, type Storage } from '../../storage/storage.ts'
import type { ClockReading, ClockStatus } from './clock-guard.ts'
import type { ClockGuard } from './clock-store.ts'
import { eventRecord } from './event-record.ts'
import type { LeaseHolder } from './lease-holder.ts'

/** A job, and the name under which its service appears in records. */
export type JobOfService = { readonly eventSource: string; readonly job: Job }

/** What became of an item: done, nothing to do any more, or put off. */
export type Outcome = 'done' | 'nothing' | 'suspended' | 'moved'

export type PerformParts = {
  readonly storage: Storage
  readonly trail: Pick<AuditTrail, 'enlist' | 'isEnlisted' | 'committed'>
  readonly lease: LeaseHolder
  readonly guard: ClockGuard
  readonly clock: () => ClockReading
  /** Hears how the clock was found. */
  onStatus(status: ClockStatus): void
}

/** Does the item's work in one transaction with its record; throws LeaseLost where it must not. */
export async function perform(
  { storage, trail, lease, guard, clock, onStatus }: PerformParts,
  { eventSource, job }: JobOfService,
  item: unknown,
): Promise<Outcome> {
  const prepared = await job.prepare(item)
  const eventId = randomUuid()
  let record: string | undefined
  let status: ClockStatus | undefined
  let outcome: Outcome
  try {
    outcome = await storage.write(async (tx) => {
      record = undefined
      await lease.keep(tx)
      const reading = clock()
      if (job.irreversible) {
        status = await guard.watch(tx, reading)
        if (status !== 'trusted') return 'suspended'
      }
      const event = await job.apply(item, prepared, tx, reading.wallMs)
      if (event === undefined) return 'nothing'
      record = eventRecord(eventSource, event, eventId, reading.wallMs)
      await trail.enlist(tx, eventId, record)
      return 'done'
    })
  } catch (error) {
    if (error instanceof Moved) return 'moved'
    if (!(error instanceof CommitOutcomeUnknownError)) throw error
    // Whether it was committed is told by its record. If not, the item is still due.
    if (!(await storage.write((tx) => trail.isEnlisted(tx, eventId)))) throw error
    outcome = 'done'
  }
  lease.kept()
  if (status !== undefined) onStatus(status)
  if (record !== undefined) trail.committed(eventId, record)
  return outcome
}
