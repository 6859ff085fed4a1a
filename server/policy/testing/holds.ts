// Whether one condition holds for a value of `test:key`, or for a whole context.
import type { Effect } from '../conditions/condition.ts'
import { compileCondition } from '../conditions/condition.ts'
import { readOperator } from '../conditions/operators.ts'
import type { ContextValue } from '../context.ts'
import { contextOf } from '../context.ts'
import { stepsFor } from '../steps.ts'

export type Given =
  | ContextValue
  | undefined
  | readonly (readonly [key: string, value: ContextValue])[]

/** `given`: the value of `test:key`, undefined where it is absent, or the entries of a context. */
export function holds(
  operator: string,
  values: string | readonly string[],
  given: Given,
  effect: Effect = 'Allow',
): boolean {
  const use = readOperator(operator)
  if (use === undefined) throw new Error(`no operator ${operator}`)
  const list = typeof values === 'string' ? [values] : values
  const condition = compileCondition(use, 'test:key', list, true)
  return condition.holds(contextOf(entriesOf(given)), effect, stepsFor(0))
}

function entriesOf(given: Given): (readonly [key: string, value: ContextValue])[] {
  if (given === undefined) return []
  if (typeof given === 'string') return [['test:key', given]]
  const [first] = given
  return first !== undefined && typeof first !== 'string'
    ? (given as (readonly [string, ContextValue])[])
    : [['test:key', given as readonly string[]]]
}
