// Date operators: ISO 8601 in the W3C's profiles, or epoch seconds, to the millisecond [N].
// After: IAM User Guide, "Date condition operators"; W3C NOTE-datetime. No clock is read here: what
// time it is comes with the request, once.
import type { Operator } from './operator.ts'
import { valueOperator } from './operator.ts'

const EPOCH = /^(-?[0-9]{1,15})(?:\.([0-9]{1,9}))?$/
const W3C =
  /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?$/

/**
 * Milliseconds since the epoch, or undefined. Four digits are a year, as the W3C's profile has it,
 * not the first hours of 1970. [J]
 */
export function readDate(text: string): number | undefined {
  const parts = W3C.exec(text)
  if (parts !== null) return fromCalendar(parts)
  const epoch = EPOCH.exec(text)
  if (epoch === null) return undefined
  const whole = Number(epoch[1]) * 1000
  const part = milliseconds(epoch[2])
  return text.startsWith('-') ? whole - part : whole + part
}

function fromCalendar(parts: RegExpExecArray): number | undefined {
  const year = Number(parts[1])
  const month = Number(parts[2] ?? 1)
  const day = Number(parts[3] ?? 1)
  const hour = Number(parts[4] ?? 0)
  const minute = Number(parts[5] ?? 0)
  const second = Number(parts[6] ?? 0)
  const offset = offsetMinutes(parts[8] ?? 'Z')
  const exists =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59
  if (!exists || second > 59 || offset === undefined) return undefined
  const minutes = (daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute - offset
  return (minutes * 60 + second) * 1000 + milliseconds(parts[7])
}

function milliseconds(fraction: string | undefined): number {
  return Number((fraction ?? '').slice(0, 3).padEnd(3, '0'))
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4))
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/** The proleptic Gregorian calendar, counted in years that begin in March. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468
}

function dates(name: string, negated: boolean, holds: (difference: number) => boolean): Operator {
  return valueOperator({
    name,
    negated,
    variables: false,
    accepts: (text) => readDate(text) !== undefined,
    read: readDate,
    matches: (request, policy) => holds(request - policy),
  })
}

export const dateOperators: readonly Operator[] = [
  dates('DateEquals', false, (difference) => difference === 0),
  dates('DateNotEquals', true, (difference) => difference === 0),
  dates('DateLessThan', false, (difference) => difference < 0),
  dates('DateLessThanEquals', false, (difference) => difference <= 0),
  dates('DateGreaterThan', false, (difference) => difference > 0),
  dates('DateGreaterThanEquals', false, (difference) => difference >= 0),
]
