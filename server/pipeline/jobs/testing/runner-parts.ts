// A runner of jobs as tests need it: quick, and with clocks that they set.
import { pino } from 'pino'
import type { Storage } from '../../../storage/storage.ts'
import type { ClockReading } from '../clock-guard.ts'
import { clockGuard } from '../clock-store.ts'
import { leaseHolder } from '../lease-holder.ts'
import { leaseStore } from '../lease-store.ts'
import { type JobRunner, jobRunner } from '../runner.ts'
import { type ChoreHooks, choreJob, tableTrail } from './chores.ts'

export const TICK_MS = 20
export const TAKE_AFTER_MS = 1000

/** Clocks that stand still until they are set. */
export function testClock(start: Partial<ClockReading> = {}) {
  let now: ClockReading = { wallMs: 1_000_000, steadyMs: 5000, boot: 'boot-1', ...start }
  return {
    read: () => now,
    set(change: Partial<ClockReading>) {
      now = { ...now, ...change }
    },
    /** Time passes, on both clocks. */
    pass(ms: number) {
      now = { ...now, wallMs: now.wallMs + ms, steadyMs: now.steadyMs + ms }
    },
  }
}

export type TestRunner = JobRunner & {
  readonly counts: readonly string[]
  readonly logged: readonly string[]
  readonly clock: ReturnType<typeof testClock>
  /** Records of which the trail heard that they were committed. */
  readonly committed: readonly string[]
}

export function testRunner(
  storage: Storage,
  who: string,
  hooks: ChoreHooks = {},
  clock = testClock(),
): TestRunner {
  const counts: string[] = []
  const logged: string[] = []
  const trail = tableTrail(hooks)
  const times = { renewEveryMs: TAKE_AFTER_MS / 5, takeAfterMs: TAKE_AFTER_MS }
  const runner = jobRunner({
    jobs: [{ eventSource: 'test.keyhold', job: choreJob(storage, who, hooks) }],
    storage,
    trail,
    lease: leaseHolder(leaseStore(storage), times, () => performance.now()),
    guard: clockGuard(storage),
    clock: clock.read,
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
    count: (job, outcome) => counts.push(`${job} ${outcome}`),
    tickMs: TICK_MS,
  })
  return { ...runner, counts, logged, clock, committed: trail.hasHeard }
}
