// One compiled condition: an operator, a key and its values; what a missing key means, and how a
// multivalued key is quantified.
// After: IAM User Guide, "Evaluation logic for multiple context keys or values", "…IfExists condition
// operators", "Condition operator to check existence of condition keys".
import type { Context, ContextEntry } from '../context.ts'
import { foldName } from '../context.ts'
import type { LiteralPattern, Pattern } from '../pattern.ts'
import { literalPattern, readPattern, resolvePattern } from '../pattern.ts'
import type { Steps } from '../steps.ts'
import { spend } from '../steps.ts'
import type { Comparator, Comparison, Operator } from './operator.ts'
import type { OperatorUse } from './operators.ts'
import { findOperator, operatorText } from './operators.ts'

export type Effect = 'Allow' | 'Deny'

export type CompiledCondition = {
  /** As AWS spells it: part of the trace. */
  readonly operator: string
  /** As written: part of the trace. */
  readonly key: string
  /** Whether it holds for a statement of this effect. */
  holds(context: Context, effect: Effect, steps: Steps): boolean
}

/** Compiles a condition the parser has accepted. `variables`: the policy's version has them. */
export function compileCondition(
  use: OperatorUse,
  key: string,
  values: readonly string[],
  variables: boolean,
): CompiledCondition {
  const operator = findOperator(use.name)
  const holds = operator ? comparing(use, operator, key, values, variables) : missing(key, values)
  return { operator: operatorText(use), key, holds }
}

/** Null: "true" asks for the key to be absent. An empty string is a value. */
function missing(key: string, values: readonly string[]): CompiledCondition['holds'] {
  const name = foldName(key)
  const wanted = values.map((value) => value.toLowerCase() === 'true')
  return (context, _effect, steps) => {
    spend(steps, 1)
    return wanted.includes(context.get(name) === undefined)
  }
}

function comparing(
  use: OperatorUse,
  operator: Operator,
  key: string,
  values: readonly string[],
  variables: boolean,
): CompiledCondition['holds'] {
  const name = foldName(key)
  const absent =
    use.ifExists ||
    use.quantifier === 'ForAllValues' ||
    (use.quantifier === undefined && operator.negated)
  const comparatorFor = comparators(operator, values, variables && operator.variables)
  return (context, effect, steps) => {
    spend(steps, 1)
    const entry = context.get(name)
    if (entry === undefined) return absent
    // Two names differing in case: nothing may be allowed by it, and a Deny must not be dodged.
    if (entry.ambiguous) return effect === 'Deny'
    // A list under a plain operator satisfies nothing, not even a negation or IfExists. [N]
    if (use.quantifier === undefined && entry.scalar === undefined) return false
    const compare = comparatorFor(context, steps)
    const outcome = quantified(use, entry, (value) =>
      judge(compare(value, steps), operator.negated),
    )
    return outcome === 'undecided' ? effect === 'Deny' : outcome === 'match'
  }
}

/** The comparator, made once where no value has a variable, else for each request. */
function comparators(
  operator: Operator,
  values: readonly string[],
  variables: boolean,
): (context: Context, steps: Steps) => Comparator {
  const patterns = values.map((value) => readPattern(value, variables) ?? plain(value))
  const literal = patterns.map(literalPattern)
  if (literal.every((pattern) => pattern !== undefined)) {
    const compare = operator.comparator(literal)
    return () => compare
  }
  return (context, steps) => {
    const resolved: LiteralPattern[] = []
    for (const pattern of patterns) {
      const ready = resolvePattern(pattern, context)
      // An unresolved variable matches nothing, so that a negated operator is satisfied by it.
      if (ready === undefined) continue
      for (const token of ready) spend(steps, token.kind === 'text' ? 1 + token.text.length : 1)
      resolved.push(ready)
    }
    return operator.comparator(resolved)
  }
}

function plain(text: string): Pattern {
  return [{ kind: 'text', text }]
}

function judge(comparison: Comparison, negated: boolean): Comparison {
  if (!negated || comparison === 'undecided' || comparison === 'never') return comparison
  return comparison === 'match' ? 'differ' : 'match'
}

function quantified(
  use: OperatorUse,
  entry: ContextEntry,
  test: (value: string) => Comparison,
): Comparison {
  if (use.quantifier === undefined) return test(entry.scalar ?? '')
  const decisive = use.quantifier === 'ForAnyValue' ? 'match' : 'differ'
  let undecided = false
  for (const value of entry.values) {
    const outcome = test(value)
    if (outcome === 'undecided') undecided = true
    else if ((outcome === 'match') === (decisive === 'match')) return decisive
  }
  if (undecided) return 'undecided'
  return decisive === 'match' ? 'differ' : 'match'
}
