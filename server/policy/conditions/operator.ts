// What one condition operator is: how a request's value compares with the policy's values.
// After: IAM User Guide, "IAM JSON policy elements: Condition operators".
import type { LiteralPattern } from '../pattern.ts'
import { textOf } from '../pattern.ts'
import type { Steps } from '../steps.ts'
import { spend } from '../steps.ts'

/**
 * What comparing one request value with all policy values gives.
 * `match`: one of them matches. `differ`: none does.
 * `undecided`: the policy's text is malformed; such a condition allows nothing and still denies.
 * `never`: the request's value is malformed; it satisfies neither an operator nor its negation.
 */
export type Comparison = 'match' | 'differ' | 'undecided' | 'never'

/** Compares one request value with the values it was made of. */
export type Comparator = (requestValue: string, steps: Steps) => Comparison

export type Operator = {
  /** As AWS spells it. */
  readonly name: string
  /** A Not… operator: satisfied when no value matches, and when the key is absent. */
  readonly negated: boolean
  /** Policy variables are replaced in its values. */
  readonly variables: boolean
  /** Whether IAM stores such a value: numbers, dates, addresses, ARNs and base64 are checked. */
  accepts(text: string): boolean
  /** The comparator of several policy values. */
  comparator(values: readonly LiteralPattern[]): Comparator
}

/** An operator whose values are read one by one and compared with the request's, without wildcards. */
export function valueOperator<Value>(options: {
  name: string
  negated: boolean
  variables: boolean
  accepts: (text: string) => boolean
  read: (text: string) => Value | undefined
  matches: (request: Value, policy: Value) => boolean
}): Operator {
  const { name, negated, variables, accepts, read, matches } = options
  return {
    name,
    negated,
    variables,
    accepts,
    comparator(patterns) {
      const values = patterns.map((pattern) => read(textOf(pattern)))
      return (requestValue, steps) => {
        spend(steps, 1 + requestValue.length)
        const request = read(requestValue)
        if (request === undefined) return 'differ'
        for (const value of values) {
          spend(steps, 1 + requestValue.length)
          if (value !== undefined && matches(request, value)) return 'match'
        }
        return 'differ'
      }
    },
  }
}
