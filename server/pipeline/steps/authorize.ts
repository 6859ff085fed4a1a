// Step 4: every demand of the call is allowed by the policies, or the call is denied. Fails closed.
import type { Call } from '../../contract/call.ts'
import type { Caller } from '../../contract/caller.ts'
import { decide } from '../../contract/decision.ts'
import type { Demand } from '../../contract/demand.ts'
import { AccessDeniedException } from '../../contract/errors.ts'
import type { Awaitable } from '../../contract/operation.ts'
import { RequestContext } from '../../contract/request-context.ts'
import type { CompiledPolicy } from '../../policy/compiled-policy.ts'
import { type Decision, denialMessage } from '../../policy/decision.ts'

export function authorize(demands: readonly Awaitable<Demand>[], call: Call): Awaitable<void> {
  // A call that demands nothing has forgotten to: deny.
  if (demands.length === 0) throw new AccessDeniedException('The call demands no permission.')
  if (!areMade(demands)) return Promise.all(demands).then((made) => requireAll(made, call))
  return requireAll(demands, call)
}

function areMade(demands: readonly Awaitable<Demand>[]): demands is readonly Demand[] {
  for (const demand of demands) if (demand instanceof Promise) return false
  return true
}

function requireAll(demands: readonly Demand[], call: Call): void {
  for (const demand of demands) requireAllowed(demand, call)
}

function requireAllowed(demand: Demand, call: Call): void {
  const { caller } = call
  // The operator may do what no account can, and nothing that belongs to an account.
  const isOperators = demand.action.startsWith('keyhold:')
  if (caller.type === 'Operator' || isOperators) {
    if (caller.type === 'Operator' && isOperators) return
    throw new AccessDeniedException(
      demand.denial ?? `User: ${caller.arn} is not authorized to perform: ${demand.action}`,
    )
  }
  const known = knownAllowed(demand, caller)
  const words = `${demand.action} ${demand.resource}`
  if (known?.has(words)) return
  const context = new RequestContext(demand, call)
  const decision = decide(demand, call, context)
  if (decision.allowed) {
    if (!context.isRequestRead) known?.add(words)
    return
  }
  throw new AccessDeniedException(demand.denial ?? told(demand, decision, call))
}

/** Whoever is denied in another account hears what they would hear if nothing were there. */
function told(demand: Demand, decision: Decision, call: Call): string {
  const { ifMissing, action, resource } = demand
  if (ifMissing !== undefined) {
    const missing = ifMissing.call(demand)
    return told(missing, decide(missing, call), call)
  }
  return denialMessage(decision, { caller: call.caller.arn, action, resource })
}

// What was allowed before any condition looked at the request follows from caller and key policy alone.
// Both are other objects after every change of what they are made from, so nothing here is ever stale.
const allowed = new WeakMap<Caller, WeakMap<CompiledPolicy, Set<string>>>()

/** What this caller is known to be allowed under the demand's policy; nothing where grants count. */
function knownAllowed(demand: Demand, caller: Caller): Set<string> | undefined {
  if (demand.authority !== 'delegation' || demand.grants.length > 0) return undefined
  const { policy } = demand
  if (policy === undefined) return undefined
  let byPolicy = allowed.get(caller)
  if (byPolicy === undefined) {
    byPolicy = new WeakMap()
    allowed.set(caller, byPolicy)
  }
  let known = byPolicy.get(policy)
  if (known === undefined) {
    known = new Set()
    byPolicy.set(policy, known)
  }
  return known
}
