// The table of all condition operators, found by name in any case.
// After: IAM User Guide, "IAM JSON policy elements: Condition operators".
import { arnOperators } from './arn-pattern.ts'
import { binaryOperators } from './binary.ts'
import { boolOperators } from './bool.ts'
import { dateOperators } from './date.ts'
import { ipOperators } from './ip-address.ts'
import { numericOperators } from './numeric.ts'
import type { Operator } from './operator.ts'
import { stringOperators } from './string.ts'

export type Quantifier = 'ForAllValues' | 'ForAnyValue'

/** An operator as it stands in a policy: with its quantifier and its IfExists. */
export type OperatorUse = {
  readonly quantifier: Quantifier | undefined
  /** Canonical name, `Null` included. */
  readonly name: string
  readonly ifExists: boolean
}

/** Every operator but Null, which asks about the key and not about its value. */
export const OPERATORS: readonly Operator[] = [
  ...stringOperators,
  ...numericOperators,
  ...dateOperators,
  ...boolOperators,
  ...binaryOperators,
  ...ipOperators,
  ...arnOperators,
]

const byFoldedName = new Map(OPERATORS.map((operator) => [operator.name.toLowerCase(), operator]))

/** The operator of a canonical name or any other spelling in case; undefined for Null and unknown. */
export function findOperator(name: string): Operator | undefined {
  return byFoldedName.get(name.toLowerCase())
}

/** Reads `ForAnyValue:StringLikeIfExists`, in any case; undefined where it is no operator. */
export function readOperator(text: string): OperatorUse | undefined {
  const folded = text.toLowerCase()
  const colon = folded.indexOf(':')
  const quantifier = readQuantifier(colon < 0 ? undefined : folded.slice(0, colon))
  if (colon >= 0 && quantifier === undefined) return undefined
  const name = folded.slice(colon + 1)
  // Null asks whether the key is there: neither a quantifier nor IfExists means anything with it.
  if (name === 'null') return colon < 0 ? { quantifier, name: 'Null', ifExists: false } : undefined
  const ifExists = name.endsWith('ifexists')
  const operator = byFoldedName.get(ifExists ? name.slice(0, -'ifexists'.length) : name)
  return operator && { quantifier, name: operator.name, ifExists }
}

function readQuantifier(text: string | undefined): Quantifier | undefined {
  if (text === 'forallvalues') return 'ForAllValues'
  return text === 'foranyvalue' ? 'ForAnyValue' : undefined
}

/** The operator as AWS spells it. */
export function operatorText(use: OperatorUse): string {
  const quantifier = use.quantifier === undefined ? '' : `${use.quantifier}:`
  return `${quantifier}${use.name}${use.ifExists ? 'IfExists' : ''}`
}
