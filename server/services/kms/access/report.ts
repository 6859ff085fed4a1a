// Who can do what with a key: every principal against every capability, decided by the engine that
// enforces. What a request would have to bring along (an encryption context, an address) is told.
import type { AuthorizationRequest } from '../../../policy/authorization-request.ts'
import { type Explanation, explain } from '../../../policy/authorize.ts'
import { CAPABILITIES, type Capability } from '../policies/capabilities.ts'

/** Whether an action is allowed, or would be with condition keys that this question lacks. */
export type Cell =
  | { readonly access: 'yes'; readonly through: string }
  | { readonly access: 'with'; readonly through: string; readonly keys: readonly string[] }
  | { readonly access: 'no' }

export type Row = {
  readonly principal: string
  readonly capabilities: Readonly<Record<Capability, Summary>>
  /** Action by action. */
  readonly actions: ReadonlyMap<string, Cell>
}

/** `all` of a capability's actions, `some`, or `none`; and what lets the principal in. */
export type Summary = {
  readonly extent: 'all' | 'some' | 'none'
  readonly through: readonly string[]
}

/** The report on one principal; `ask` makes the question for an action. */
export async function rowOf(
  principal: string,
  ask: (action: string) => Promise<AuthorizationRequest>,
): Promise<Row> {
  const actions = new Map<string, Cell>()
  const capabilities = {} as Record<Capability, Summary>
  for (const [capability, names] of Object.entries(CAPABILITIES)) {
    for (const action of names) actions.set(action, cellOf(explain(await ask(action))))
    capabilities[capability as Capability] = summaryOf(names.map((name) => actions.get(name)))
  }
  return { principal, capabilities, actions }
}

/** What a decision and its trace say to the reader of a report. */
export function cellOf(explanation: Explanation): Cell {
  if (explanation.allowed) return { access: 'yes', through: throughOf(explanation) }
  if (explanation.verdict !== 'implicit-deny') return { access: 'no' }
  // An Allow that fails for want of condition keys alone might hold for another request; one of an
  // identity policy only where the key policy leaves the decision to it.
  const isDelegated = explanation.trace.some(
    ({ layer, outcome }) => layer === 'resource' && outcome === 'allows',
  )
  const almost = explanation.statements.find(
    ({ layer, effect, action, resource, principal, conditions }) =>
      (layer === 'resource' || (layer === 'identity' && isDelegated)) &&
      effect === 'Allow' &&
      action &&
      resource &&
      principal?.length !== 0 &&
      conditions.some(({ holds }) => !holds) &&
      conditions.every(({ holds, missing }) => holds || missing),
  )
  if (almost === undefined) return { access: 'no' }
  const keys = almost.conditions.filter(({ holds }) => !holds).map(({ key }) => key)
  return { access: 'with', through: nameOf(almost.layer, almost.statement), keys }
}

function throughOf({ layer, statement, grant, trace }: Explanation): string {
  if (grant !== undefined) return `grant ${grant}`
  if (layer === undefined) return 'root user'
  const own = nameOf(layer, statement)
  if (layer !== 'identity') return own
  // IAM decides because the key policy, or a grant, leaves it to the account.
  const delegating = trace.find((entry) => entry.layer === 'resource')
  const by = delegating?.statement
  return by === undefined ? own : `${own}, delegated by ${nameOf('resource', by)}`
}

function nameOf(layer: string, statement: Explanation['statement']): string {
  if (statement === undefined) return layer
  const which = statement.sid ?? `Statement[${statement.index}]`
  return layer === 'resource' ? `key policy ${which}` : `${statement.policy} ${which}`
}

function summaryOf(cells: readonly (Cell | undefined)[]): Summary {
  const allowed = cells.filter((cell) => cell?.access === 'yes')
  const some = cells.filter((cell) => cell !== undefined && cell.access !== 'no')
  const extent = allowed.length === cells.length ? 'all' : some.length > 0 ? 'some' : 'none'
  const through = some.map((cell) => (cell as { through: string }).through)
  return { extent, through: [...new Set(through)] }
}
