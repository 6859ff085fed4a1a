// A parsed policy: what a document says, in one shape whatever it was written like, and that shape
// printed again.
// After: IAM User Guide, "Grammar of the IAM JSON policy language".
import type { Effect } from './conditions/condition.ts'
import type { OperatorUse } from './conditions/operators.ts'
import { operatorText } from './conditions/operators.ts'
import type { PolicyKind } from './policy-kinds.ts'

export type PolicyVersion = '2012-10-17' | '2008-10-17'

/** Immutable; only the parser and `mapPrincipals` make one. */
export type PolicyDocument = {
  readonly kind: PolicyKind
  /** 2008-10-17 where the document names none: such a policy has no variables. */
  readonly version: PolicyVersion
  readonly id: string | undefined
  readonly statements: readonly Statement[]
  /** Characters of the text it was read from: the measure of the work it may cost. */
  readonly length: number
}

export type Statement = {
  readonly sid: string | undefined
  readonly effect: Effect
  readonly principals: NamedPrincipals | undefined
  readonly actions: Listed | undefined
  readonly resources: Listed | undefined
  readonly conditions: readonly Condition[]
}

/** Action, NotAction, Resource or NotResource with its values. */
export type Listed = { readonly not: boolean; readonly values: readonly string[] }

export type PrincipalType = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser'
/** `*` under AWS is everyone, and so is `"Principal": "*"`. */
export type PrincipalName = { readonly type: PrincipalType; readonly name: string }
/** Principal or NotPrincipal with its names. */
export type NamedPrincipals = { readonly not: boolean; readonly names: readonly PrincipalName[] }

export type Condition = {
  readonly operator: OperatorUse
  readonly key: string
  readonly values: readonly string[]
}

/** The document as JSON: every list an array, names as AWS spells them. Parsing it gives it back. */
export function printPolicy(document: PolicyDocument): string {
  return JSON.stringify({
    Version: document.version,
    ...(document.id !== undefined && { Id: document.id }),
    Statement: document.statements.map(printStatement),
  })
}

function printStatement(statement: Statement): Record<string, unknown> {
  const { sid, principals, actions, resources, conditions } = statement
  return {
    ...(sid !== undefined && { Sid: sid }),
    Effect: statement.effect,
    ...(principals && {
      [principals.not ? 'NotPrincipal' : 'Principal']: grouped(
        principals.names.map(({ type, name }) => [type, name]),
      ),
    }),
    ...(actions && { [actions.not ? 'NotAction' : 'Action']: actions.values }),
    ...(resources && { [resources.not ? 'NotResource' : 'Resource']: resources.values }),
    ...(conditions.length > 0 && { Condition: printConditions(conditions) }),
  }
}

function grouped(pairs: readonly (readonly [type: string, name: string])[]): unknown {
  const groups = new Map<string, string[]>()
  for (const [type, name] of pairs) groups.set(type, [...(groups.get(type) ?? []), name])
  return Object.fromEntries(groups)
}

function printConditions(conditions: readonly Condition[]): unknown {
  const blocks = new Map<string, [key: string, values: readonly string[]][]>()
  for (const { operator, key, values } of conditions) {
    const name = operatorText(operator)
    blocks.set(name, [...(blocks.get(name) ?? []), [key, values]])
  }
  return Object.fromEntries([...blocks].map(([name, keys]) => [name, Object.fromEntries(keys)]))
}
