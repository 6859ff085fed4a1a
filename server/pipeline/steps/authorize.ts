// Step 4: every demand of the call is allowed, or the call is denied. Fails closed.
// Two outcomes so far: the account's root user where the account decides, and deny.
import type { Caller } from '../../contract/caller.ts'
import type { Demand } from '../../contract/demand.ts'
import { AccessDeniedException } from '../../contract/errors.ts'

export function authorize(demands: readonly Demand[], caller: Caller): void {
  // A call that demands nothing has forgotten to: deny.
  if (demands.length === 0) throw new AccessDeniedException('The call demands no permission.')
  for (const demand of demands) {
    if (!isAllowed(demand, caller)) throw denied(demand, caller)
  }
}

function isAllowed(demand: Demand, caller: Caller): boolean {
  // The operator may do what no account can, and nothing that belongs to an account.
  if (caller.type === 'Operator') return demand.action.startsWith('keyhold:')
  return caller.type === 'Root' && caller.account === demand.owner && demand.delegated
}

function denied(demand: Demand, caller: Caller): AccessDeniedException {
  if (demand.denial !== undefined) return new AccessDeniedException(demand.denial)
  const subject = `User: ${caller.arn} is not authorized to perform: ${demand.action}`
  if (caller.account !== demand.owner) {
    // The same words whether the resource exists or not.
    return new AccessDeniedException(
      `${subject} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    )
  }
  return new AccessDeniedException(
    `${subject} on resource: ${demand.resource} because no resource-based policy allows the ${demand.action} action`,
  )
}
