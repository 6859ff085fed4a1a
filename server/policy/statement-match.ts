// Whether one statement speaks about a request, and, when asked to explain, why not.
// After: IAM User Guide, "Policy evaluation logic".
import type { RequestedAction } from './action-matcher.ts'
import type { CompiledStatement, StatementReference } from './compiled-policy.ts'
import type { Effect } from './conditions/condition.ts'
import type { Context } from './context.ts'
import { foldName } from './context.ts'
import type { Layer } from './decision.ts'
import type { PrincipalKind } from './principal.ts'
import type { Identified } from './principal-matcher.ts'
import type { RequestedResource } from './resource-matcher.ts'
import type { Steps } from './steps.ts'

/** A request as statements look at it; made once per decision. */
export type Question = {
  readonly caller: Identified
  readonly action: RequestedAction
  readonly resource: RequestedResource
  readonly context: Context
  readonly steps: Steps
  /** Where every statement looked at is recorded; undefined where nobody asked why. */
  readonly record: StatementTrace[] | undefined
}

/** One statement of an explanation. Holds names of condition keys, never values. [J] */
export type StatementTrace = {
  readonly layer: Layer
  readonly statement: StatementReference
  readonly effect: Effect
  readonly matches: boolean
  readonly action: boolean
  readonly resource: boolean
  /** How Principal matched; undefined in policies that name no principal. */
  readonly principal: readonly PrincipalKind[] | undefined
  readonly conditions: readonly ConditionTrace[]
}

export type ConditionTrace = {
  readonly operator: string
  readonly key: string
  /** The request has no such key. */
  readonly missing: boolean
  readonly holds: boolean
}

const NO_KINDS: readonly PrincipalKind[] = []

/** The kinds of principal match, or undefined where the statement does not match. */
export function matchStatement(
  layer: Layer,
  statement: CompiledStatement,
  question: Question,
): readonly PrincipalKind[] | undefined {
  if (question.record !== undefined) recordStatement(layer, statement, question, question.record)
  const { action, resource, context, caller, steps } = question
  if (!statement.action(action, steps)) return undefined
  if (statement.resource?.(resource, context, steps) === false) return undefined
  const kinds = statement.principals?.(caller, steps)
  if (kinds?.length === 0) return undefined
  for (const condition of statement.conditions) {
    if (!condition.holds(context, statement.effect, steps)) return undefined
  }
  return kinds ?? NO_KINDS
}

/** Looks at every part of the statement, also after one of them failed. */
function recordStatement(
  layer: Layer,
  statement: CompiledStatement,
  { caller, action, resource, context, steps }: Question,
  record: StatementTrace[],
): void {
  const { reference, effect } = statement
  const conditions = statement.conditions.map(({ operator, key, holds }) => ({
    operator,
    key,
    missing: context.get(foldName(key)) === undefined,
    holds: holds(context, effect, steps),
  }))
  const principal = statement.principals?.(caller, steps)
  const parts = {
    action: statement.action(action, steps),
    resource: statement.resource?.(resource, context, steps) ?? true,
  }
  const matches =
    parts.action &&
    parts.resource &&
    principal?.length !== 0 &&
    conditions.every(({ holds }) => holds)
  record.push({ layer, statement: reference, effect, matches, ...parts, principal, conditions })
}
