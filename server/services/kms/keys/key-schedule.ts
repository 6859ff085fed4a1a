// What happens to a key by itself: its deletion and its rotations.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
import type { KmsTables } from '../tables.ts'

export type KeyRotation = { readonly periodDays: number; readonly nextAtMs: number }

export type KeySchedule = {
  /** Set while the key is pending deletion. */
  readonly deletesAtMs: number | undefined
  /** Of a primary key whose replicas go first: its waiting period, which begins when they are gone. */
  readonly windowDays: number | undefined
  /** Automatic rotation, where it is enabled; kept, though not told, while pending deletion. */
  readonly rotation: KeyRotation | undefined
  /** When the on-demand rotation was asked for that is under way. */
  readonly onDemandSinceMs: number | undefined
}

export const NOTHING_SCHEDULED: KeySchedule = {
  deletesAtMs: undefined,
  windowDays: undefined,
  rotation: undefined,
  onDemandSinceMs: undefined,
}

type ScheduleColumns = Pick<
  KmsTables['kms_keys'],
  | 'deletes_at_ms'
  | 'deletion_window_days'
  | 'rotation_period_days'
  | 'next_rotation_at_ms'
  | 'on_demand_rotation_at_ms'
>

const DAY_MS = 86_400_000

/** The moment `days` after `fromMs`. */
export function daysAfter(fromMs: number, days: number): number {
  return fromMs + days * DAY_MS
}

export function readSchedule(row: ScheduleColumns): KeySchedule {
  const { rotation_period_days: periodDays, next_rotation_at_ms: nextAtMs } = row
  const rotates = typeof periodDays === 'number' && typeof nextAtMs === 'number'
  return {
    deletesAtMs: row.deletes_at_ms ?? undefined,
    windowDays: row.deletion_window_days ?? undefined,
    rotation: rotates ? { periodDays, nextAtMs } : undefined,
    onDemandSinceMs: row.on_demand_rotation_at_ms ?? undefined,
  }
}

export function scheduleColumns(schedule: KeySchedule): ScheduleColumns {
  return {
    deletes_at_ms: schedule.deletesAtMs ?? null,
    deletion_window_days: schedule.windowDays ?? null,
    rotation_period_days: schedule.rotation?.periodDays ?? null,
    next_rotation_at_ms: schedule.rotation?.nextAtMs ?? null,
    on_demand_rotation_at_ms: schedule.onDemandSinceMs ?? null,
  }
}

/** For keys whose rotation is another key's: what changes in their schedules with that one's. */
export function withRotation(rotation: KeyRotation | undefined) {
  return ({ schedule }: { readonly schedule: KeySchedule }) => ({
    schedule: { ...schedule, rotation },
  })
}
