// Numeric operators, on decimals of any length: a double would make two large numbers equal.
// After: IAM User Guide, "Numeric condition operators". Sign and leading zeros are accepted; what is
// no number matches nothing, so that NumericNotEquals is satisfied by it [N].
import type { Operator } from './operator.ts'
import { valueOperator } from './operator.ts'

/** A decimal without leading zeros in front or trailing ones behind; zero is never negative. */
export type Decimal = {
  readonly negative: boolean
  readonly whole: string
  readonly fraction: string
}

const DECIMAL = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/

/** Reads `-007.50`, or answers undefined: no exponent, no spaces, no bare point. */
export function readDecimal(text: string): Decimal | undefined {
  const parts = DECIMAL.exec(text)
  if (parts === null) return undefined
  const whole = withoutLeadingZeros(parts[2] ?? '')
  const fraction = withoutTrailingZeros(parts[3] ?? '')
  const zero = whole === '' && fraction === ''
  return { negative: parts[1] === '-' && !zero, whole, fraction }
}

/** Negative, zero or positive, as the first is less than, equal to or greater than the second. */
export function compareDecimals(first: Decimal, second: Decimal): number {
  if (first.negative !== second.negative) return first.negative ? -1 : 1
  const size =
    first.whole.length - second.whole.length ||
    compareText(first.whole, second.whole) ||
    compareText(first.fraction, second.fraction)
  return first.negative ? 0 - size : size
}

/** Digits of equal weight compare as text does; a fraction that goes on is the greater. */
function compareText(first: string, second: string): number {
  return first === second ? 0 : first < second ? -1 : 1
}

/** By hand: an expression would look at a long run of zeros once for each of them. */
function withoutLeadingZeros(digits: string): string {
  let start = 0
  while (digits[start] === '0') start++
  return digits.slice(start)
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

function numeric(name: string, negated: boolean, holds: (order: number) => boolean): Operator {
  return valueOperator({
    name,
    negated,
    variables: false,
    accepts: (text) => readDecimal(text) !== undefined,
    read: readDecimal,
    matches: (request, policy) => holds(compareDecimals(request, policy)),
  })
}

export const numericOperators: readonly Operator[] = [
  numeric('NumericEquals', false, (order) => order === 0),
  numeric('NumericNotEquals', true, (order) => order === 0),
  numeric('NumericLessThan', false, (order) => order < 0),
  numeric('NumericLessThanEquals', false, (order) => order <= 0),
  numeric('NumericGreaterThan', false, (order) => order > 0),
  numeric('NumericGreaterThanEquals', false, (order) => order >= 0),
]
