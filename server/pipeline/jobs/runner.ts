// Runs the jobs of all services: one process at a time, each item in one transaction with its record.
//
//   every second ─▶ have the lease? ─▶ which jobs are to look? ─▶ due items ─▶ prepare ─▶ one transaction:
//                        │ no: wait                                             lease ─▶ clock ─▶ apply ─▶ record
//
// Whatever happens to this process between two transactions, the next holder finds what is still due.
// A process that was frozen and wakes finds the lease taken in its next transaction, and does nothing.
import type { Logger } from 'pino'
import type { Job } from '../../contract/job.ts'
import type { ClockStatus } from './clock-guard.ts'
import { LeaseLost } from './lease-store.ts'
import { type JobOfService, type Outcome, type PerformParts, perform } from './perform.ts'

export type RunnerParts = Omit<PerformParts, 'onStatus'> & {
  readonly jobs: readonly JobOfService[]
  readonly log: Logger
  count(job: string, outcome: Outcome | 'failed'): void
  /** How often to see whether there is something to do. */
  readonly tickMs: number
}

export type JobRunner = {
  start(): void
  /** Looks for due items of every job now; answers whether this process runs the jobs. */
  sweep(): Promise<boolean>
  /** Ends after the item under way, and lets go of the lease. */
  stop(): Promise<void>
}

const ITEMS_PER_LOOK = 100

export function jobRunner(parts: RunnerParts): JobRunner {
  const { jobs, storage, lease, guard, clock, log, count, tickMs } = parts
  const performParts: PerformParts = { ...parts, onStatus: tellOf }
  const nextLookMs = new Map<Job, number>()
  let stopping = false
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let lastStatus: ClockStatus = 'trusted'

  /** Shows life where no item did lately, and looks at the clock as often. */
  async function renew(): Promise<void> {
    const status = await storage.write(async (tx) => {
      await lease.keep(tx)
      return guard.watch(tx, clock())
    })
    lease.kept()
    tellOf(status)
  }

  function tellOf(status: ClockStatus): void {
    if (status === lastStatus) return
    lastStatus = status
    if (status === 'suspended') {
      log.error('the wall clock ran ahead: nothing is deleted until an operator confirms the time')
    } else if (status === 'watched') {
      log.warn(
        'nothing is deleted until the clock was watched for a day, or an operator confirms it',
      )
    } else {
      log.info('the clock is trusted: what is due is deleted')
    }
  }

  async function run(isToLook: (job: Job) => boolean): Promise<boolean> {
    if (stopping) return false
    const wasHeld = lease.isHeld()
    try {
      if (!(await lease.hold())) return false
      if (!wasHeld) log.info('this process runs the jobs')
      if (!wasHeld || lease.isToRenew()) await renew()
      for (const entry of jobs) if (isToLook(entry.job)) await look(entry)
    } catch (error) {
      if (error instanceof LeaseLost) {
        lease.lost()
        log.warn('another process has taken over the jobs')
      } else {
        log.error({ err: error }, 'the jobs could not be run: trying again')
      }
    }
    return lease.isHeld()
  }

  async function look(entry: JobOfService): Promise<void> {
    const { job } = entry
    const tried = new Set<string>()
    let putOff = 0
    try {
      for (;;) {
        // What is put off stays due: ask for more than that, so that it does not stand in the way.
        const items = await job.due(clock().wallMs, ITEMS_PER_LOOK + putOff)
        const fresh = items.filter((item) => !tried.has(JSON.stringify(item)))
        if (fresh.length === 0) return
        for (const item of fresh) {
          if (stopping) return
          tried.add(JSON.stringify(item))
          const outcome = await tryItem(entry, item)
          count(job.name, outcome)
          if (outcome === 'suspended') return
          if (outcome !== 'done') putOff++
          if (lease.isToRenew()) await renew()
        }
      }
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      log.error({ job: job.name, err: error }, 'a job could not look for its items: trying again')
      count(job.name, 'failed')
    }
  }

  async function tryItem(entry: JobOfService, item: unknown): Promise<Outcome | 'failed'> {
    try {
      return await perform(performParts, entry, item)
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      log.error({ job: entry.job.name, item, err: error }, 'a job failed on an item: trying again')
      return 'failed'
    }
  }

  function isToLook(job: Job): boolean {
    const nowMs = performance.now()
    if (nowMs < (nextLookMs.get(job) ?? 0)) return false
    nextLookMs.set(job, nowMs + job.everyMs)
    return true
  }

  /** One after another: a sweep that is asked for does not meet one under way. */
  function inTurn(looks: (job: Job) => boolean): Promise<boolean> {
    const mine = turn.then(() => run(looks))
    turn = mine
    return mine
  }

  function tick(): void {
    inTurn(isToLook).then(() => {
      if (!stopping) timer = setTimeout(tick, tickMs).unref()
    })
  }

  return {
    start: tick,
    sweep: () => inTurn(() => true),
    async stop() {
      stopping = true
      clearTimeout(timer)
      await turn
      try {
        await lease.release()
      } catch (error) {
        log.warn({ err: error }, 'the jobs lease was not released: another process takes it later')
      }
    },
  }
}
