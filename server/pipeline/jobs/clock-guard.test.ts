// What is believed of a clock, look by look.
import { expect, it } from 'vitest'
import {
  type ClockReading,
  type ClockState,
  statusOf,
  TOLERATED_MS,
  trustedFrom,
  WATCH_MS,
  watched,
} from './clock-guard.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const START: ClockReading = { wallMs: 1_800_000_000_000, steadyMs: 7000, boot: 'a' }

/** The state after looks at these clocks, each so much later than the one before. */
function after(state: ClockState, ...steps: readonly Partial<Record<'wall' | 'steady', number>>[]) {
  let reading: ClockReading = { wallMs: state.seenMs, steadyMs: state.steadyMs, boot: state.boot }
  let next = state
  for (const { wall = 0, steady = 0 } of steps) {
    reading = {
      ...reading,
      wallMs: reading.wallMs + wall,
      steadyMs: reading.steadyMs + steady,
    }
    next = watched(next, reading)
  }
  return next
}

const trusted = trustedFrom(START)

/** Time passes on both clocks, watched all along. */
const watchedFor = (ms: number) => [
  ...Array(Math.floor(ms / HOUR_MS)).fill({ wall: HOUR_MS, steady: HOUR_MS }),
  { wall: ms % HOUR_MS, steady: ms % HOUR_MS },
]

it('The first look believes the clock', () => {
  expect(statusOf(watched(undefined, START))).toBe('trusted')
})

it('A clock that goes as the steady one is trusted for years', () => {
  expect(statusOf(after(trusted, ...watchedFor(3650 * DAY_MS)))).toBe('trusted')
})

it('A clock that gains an hour is trusted, and one that gains more is not', () => {
  expect(statusOf(after(trusted, { wall: TOLERATED_MS }))).toBe('trusted')
  const ahead = after(trusted, { wall: TOLERATED_MS + 1 })
  expect([statusOf(ahead), ahead.aheadMs]).toEqual(['suspended', TOLERATED_MS + 1])
})

it('Many small steps count together', () => {
  const minute = { wall: 60_000 + 1, steady: 0 }
  expect(statusOf(after(trusted, ...Array(60).fill(minute)))).toBe('suspended')
})

it('A clock that was put back only delays, and is not believed when it is put forward again', () => {
  const back = after(trusted, { wall: -3 * HOUR_MS })
  expect(statusOf(back)).toBe('trusted')
  expect(statusOf(after(back, { wall: HOUR_MS }))).toBe('trusted')
  expect(statusOf(after(back, { wall: 2 * HOUR_MS }))).toBe('suspended')
})

it('Deletion stays suspended though the clock is put right and time passes, until it is confirmed', () => {
  const ahead = after(trusted, { wall: DAY_MS })
  const right = after(ahead, { wall: -DAY_MS }, ...watchedFor(30 * DAY_MS))
  expect(statusOf(right)).toBe('suspended')
  const reading = { wallMs: right.seenMs, steadyMs: right.steadyMs, boot: right.boot }
  expect(statusOf(watched(trustedFrom(reading), reading))).toBe('trusted')
})

it('Another boot or machine within an hour is trusted', () => {
  const restarted = watched(trusted, {
    wallMs: START.wallMs + TOLERATED_MS,
    steadyMs: 3,
    boot: 'b',
  })
  expect(statusOf(restarted)).toBe('trusted')
  // The steady clock of the other boot says nothing about this one.
  expect(statusOf(after(restarted, { wall: 10, steady: 10 }))).toBe('trusted')
})

it('After more than an hour that nobody watched the clock is watched for a day', () => {
  const gap = { wallMs: START.wallMs + TOLERATED_MS + 1, steadyMs: 3, boot: 'b' }
  const restarted = watched(trusted, gap)
  expect(statusOf(restarted)).toBe('watched')
  expect(statusOf(after(restarted, ...watchedFor(WATCH_MS - 1)))).toBe('watched')
  expect(statusOf(after(restarted, ...watchedFor(WATCH_MS)))).toBe('trusted')
})

it('So it is after an hour for which the steady clock vouches: a backup may have been put back', () => {
  const hour = { wall: TOLERATED_MS, steady: TOLERATED_MS }
  expect(statusOf(after(trusted, hour))).toBe('trusted')
  const longer = { wall: TOLERATED_MS + 1, steady: TOLERATED_MS + 1 }
  const back = after(trusted, longer)
  expect(statusOf(back)).toBe('watched')
  expect(statusOf(after(back, ...watchedFor(WATCH_MS)))).toBe('trusted')
})

it('Only time on the steady clock counts as watched', () => {
  const gap = { wallMs: START.wallMs + 30 * DAY_MS, steadyMs: 3, boot: 'b' }
  const restarted = watched(trusted, gap)
  expect(statusOf(after(restarted, { wall: HOUR_MS, steady: 0 }))).toBe('watched')
  expect(statusOf(after(restarted, { wall: 2 * DAY_MS, steady: 0 }))).toBe('suspended')
})

it('A short restart in the middle of watching does not cut it short', () => {
  const restarted = watched(trusted, { wallMs: START.wallMs + DAY_MS, steadyMs: 3, boot: 'b' })
  const later = after(restarted, { wall: HOUR_MS, steady: HOUR_MS })
  const again = watched(later, { wallMs: later.seenMs + 60_000, steadyMs: 1, boot: 'c' })
  expect([statusOf(again), again.holdMs]).toEqual(['watched', WATCH_MS - HOUR_MS])
})

it('A database that saw a later time than the clock now tells is no reason to delete, nor to wait', () => {
  const before = { wallMs: START.wallMs - 10 * DAY_MS, steadyMs: 3, boot: 'b' }
  const restored = watched(trusted, before)
  expect(statusOf(restored)).toBe('trusted')
  expect(restored.seenMs).toBe(before.wallMs)
  // What then gains on the steady clock is as suspicious as ever.
  expect(statusOf(after(restored, { wall: 10 * DAY_MS }))).toBe('suspended')
})
