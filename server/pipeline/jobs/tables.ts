// The tables of timed work, as Kysely types; made by `migrations/`.

export type JobTables = {
  /** Who runs the jobs now: one row. */
  job_lease: {
    name: string
    /** The process that holds the lease; null where it let go of it. */
    holder: string | null
    /** Grows each time the lease changes hands. */
    fence: number
    /** Grows with every sign of life of the holder. */
    beat: number
  }
  /** What is known of the clock: one row. `clock-guard.ts` says what each column means. */
  job_clock: {
    name: string
    version: number
    boot: string
    seen_ms: number
    steady_ms: number
    offset_ms: number
    hold_ms: number
    ahead_ms: number | null
  }
}
