// Whether the wall clock can be believed enough to destroy keys by it. A clock that was put forward, by
// a mistake or on purpose, would delete every key that is pending deletion. docs/decisions/0005 says
// why so, and not otherwise.
//
// Within one boot of one machine the steady clock vouches for how much time passed. Where the wall
// clock gained more than an hour on it, what cannot be undone waits until an operator confirms the time.
// After more than an hour that nobody watched it waits until the clock was watched for a day: nothing
// vouches for a reboot or another machine, and a wrong clock is noticed within a day, for it refuses
// every signed request. Who put back a backup has that day to cancel deletions whose date has passed.
// A clock that was put back only delays.

/** The clocks of a process, at one moment. */
export type ClockReading = {
  /** Milliseconds since 1970, as the machine believes. */
  readonly wallMs: number
  /** Milliseconds on a clock that nobody can put forward; only differences within one boot mean something. */
  readonly steadyMs: number
  /** What machine and boot the steady clock belongs to. */
  readonly boot: string
}

/** What is known of the clock; the same for all processes. */
export type ClockState = {
  readonly boot: string
  /** The wall clock when it was last looked at. */
  readonly seenMs: number
  readonly steadyMs: number
  /** Wall clock minus steady clock, at the least that it was in this boot since it was trusted. */
  readonly offsetMs: number
  /** How long the clock is still to be watched until it is trusted again. */
  readonly holdMs: number
  /** By how much the wall clock ran ahead; set until an operator confirms the time. */
  readonly aheadMs: number | undefined
}

export type ClockStatus = 'trusted' | 'watched' | 'suspended'

export const TOLERATED_MS = 3_600_000
export const WATCH_MS = 24 * 3_600_000

/** Believes the clock as it is: the first time, and where an operator says so. */
export function trustedFrom({ wallMs, steadyMs, boot }: ClockReading): ClockState {
  return {
    boot,
    seenMs: wallMs,
    steadyMs,
    offsetMs: wallMs - steadyMs,
    holdMs: 0,
    aheadMs: undefined,
  }
}

/** What is known after another look. */
export function watched(state: ClockState | undefined, reading: ClockReading): ClockState {
  if (state === undefined) return trustedFrom(reading)
  const { wallMs, steadyMs, boot } = reading
  const offsetMs = wallMs - steadyMs
  const seen = { boot, seenMs: wallMs, steadyMs }
  if (boot !== state.boot) {
    const unwatched = wallMs - state.seenMs > TOLERATED_MS
    return { ...state, ...seen, offsetMs, holdMs: unwatched ? WATCH_MS : state.holdMs }
  }
  const gainedMs = offsetMs - state.offsetMs
  const passedMs = Math.max(0, steadyMs - state.steadyMs)
  return {
    ...seen,
    // Many small steps are as wrong as a large one, so the least offset is what counts.
    offsetMs: Math.min(offsetMs, state.offsetMs),
    holdMs: passedMs > TOLERATED_MS ? WATCH_MS : Math.max(0, state.holdMs - passedMs),
    aheadMs: state.aheadMs ?? (gainedMs > TOLERATED_MS ? gainedMs : undefined),
  }
}

export function statusOf(state: ClockState): ClockStatus {
  if (state.aheadMs !== undefined) return 'suspended'
  return state.holdMs > 0 ? 'watched' : 'trusted'
}
