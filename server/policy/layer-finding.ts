// What one layer of policies says to a request: the statement that denies, the one that allows.
// After: IAM User Guide, "Policy evaluation for requests within a single account".
import type { ControlPolicies } from './authorization-request.ts'
import type { CompiledPolicy, StatementReference } from './compiled-policy.ts'
import type { Layer } from './decision.ts'
import type { PrincipalKind } from './principal.ts'
import type { Question } from './statement-match.ts'
import { matchStatement } from './statement-match.ts'

export type Finding = {
  readonly layer: Layer
  readonly denied: StatementReference | undefined
  readonly allowed: StatementReference | undefined
  /** How allowing statements name the caller, each kind with the first that does. */
  readonly kinds: ReadonlyMap<PrincipalKind, StatementReference>
}

const NO_KINDS: ReadonlyMap<PrincipalKind, StatementReference> = new Map()

/** Asks all policies of a layer: any of them denies, any of them allows. */
export function consult(
  layer: Layer,
  policies: readonly CompiledPolicy[],
  question: Question,
): Finding {
  const denied = findDeny(layer, policies, question)
  const allowed = findAllow(layer, policies, question)
  return { layer, denied, allowed, kinds: NO_KINDS }
}

/** Asks every level of SCPs or RCPs: any policy denies, but every level must allow. */
export function consultLevels(layer: Layer, control: ControlPolicies, question: Question): Finding {
  let denied: StatementReference | undefined
  let allowed: StatementReference | undefined
  let gap = false
  for (const level of control.levels) {
    denied ??= findDeny(layer, level, question)
    const here = findAllow(layer, level, question)
    allowed = here
    if (here === undefined) gap = true
  }
  return { layer, denied, allowed: gap ? undefined : allowed, kinds: NO_KINDS }
}

/** Asks a resource policy: every allowing statement counts, for they may name the caller differently. */
export function consultResource(policy: CompiledPolicy, question: Question): Finding {
  const kinds = new Map<PrincipalKind, StatementReference>()
  for (const statement of policy.allows) {
    for (const kind of matchStatement('resource', statement, question) ?? []) {
      if (!kinds.has(kind)) kinds.set(kind, statement.reference)
    }
  }
  const denied = findDeny('resource', [policy], question)
  const [allowed] = kinds.values()
  return { layer: 'resource', denied, allowed, kinds }
}

function findDeny(layer: Layer, policies: readonly CompiledPolicy[], question: Question) {
  return findMatch(layer, policies, 'denies', question)
}

function findAllow(layer: Layer, policies: readonly CompiledPolicy[], question: Question) {
  return findMatch(layer, policies, 'allows', question)
}

function findMatch(
  layer: Layer,
  policies: readonly CompiledPolicy[],
  which: 'denies' | 'allows',
  question: Question,
): StatementReference | undefined {
  let found: StatementReference | undefined
  for (const policy of policies) {
    for (const statement of policy[which]) {
      if (matchStatement(layer, statement, question) === undefined) continue
      found ??= statement.reference
      if (question.record === undefined) return found
    }
  }
  return found
}
