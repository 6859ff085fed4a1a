// A policy made ready to be asked: names folded, wildcards and conditions compiled, once per version
// of the policy. Immutable, so that every request may share it.
// After: IAM User Guide, "Policy evaluation logic" (what a statement matches).

import type { ActionMatcher } from './action-matcher.ts'
import { actionMatcher } from './action-matcher.ts'
import type { CompiledCondition, Effect } from './conditions/condition.ts'
import { compileCondition } from './conditions/condition.ts'
import { parsePolicy } from './parser.ts'
import type { PolicyDocument, Statement } from './policy-document.ts'
import type { PolicyKind } from './policy-kinds.ts'
import type { PrincipalMatcher } from './principal-matcher.ts'
import { principalMatcher } from './principal-matcher.ts'
import type { ResourceMatcher } from './resource-matcher.ts'
import { resourceMatcher } from './resource-matcher.ts'

/** Where a statement stands: what a decision and its trace name. */
export type StatementReference = {
  /** The name the policy was compiled under: its ARN, or what its owner calls it. */
  readonly policy: string
  readonly index: number
  readonly sid: string | undefined
}

export type CompiledStatement = {
  readonly reference: StatementReference
  readonly effect: Effect
  /** Undefined in policies that name no principal: they speak about whoever they are attached to. */
  readonly principals: PrincipalMatcher | undefined
  readonly action: ActionMatcher
  /** Undefined in trust policies, which are the resource. */
  readonly resource: ResourceMatcher | undefined
  readonly conditions: readonly CompiledCondition[]
}

export type CompiledPolicy = {
  readonly name: string
  readonly kind: PolicyKind
  readonly denies: readonly CompiledStatement[]
  readonly allows: readonly CompiledStatement[]
  /** Characters of the document: part of what the work of a decision is measured against. */
  readonly length: number
}

/** Parses and compiles, or throws MalformedPolicyError. */
export function compilePolicyText(text: string, kind: PolicyKind, name: string): CompiledPolicy {
  return compilePolicy(parsePolicy(text, kind), name)
}

/** Compiles a parsed policy. `name` is what traces call it. */
export function compilePolicy(document: PolicyDocument, name: string): CompiledPolicy {
  const variables = document.version === '2012-10-17'
  const effective: CompiledStatement[] = []
  for (const [index, statement] of document.statements.entries()) {
    const compiled = compileStatement(statement, document.kind, variables, {
      policy: name,
      index,
      sid: statement.sid,
    })
    if (compiled !== undefined) effective.push(Object.freeze(compiled))
  }
  return Object.freeze({
    name,
    kind: document.kind,
    denies: Object.freeze(effective.filter(({ effect }) => effect === 'Deny')),
    allows: Object.freeze(effective.filter(({ effect }) => effect === 'Allow')),
    length: document.length,
  })
}

/** Undefined where KMS stores a statement that has no effect: one without Action or Resource. */
function compileStatement(
  statement: Statement,
  kind: PolicyKind,
  variables: boolean,
  reference: StatementReference,
): CompiledStatement | undefined {
  const { actions, resources, principals, conditions, effect } = statement
  if (actions === undefined || (resources === undefined && kind !== 'trust')) return undefined
  return {
    reference: Object.freeze(reference),
    effect,
    principals: principals && principalMatcher(principals),
    action: actionMatcher(actions),
    resource: resources && resourceMatcher(resources, variables),
    conditions: Object.freeze(
      conditions.map(({ operator, key, values }) =>
        Object.freeze(compileCondition(operator, key, values, variables)),
      ),
    ),
  }
}
