// Step 4: every demand of the call is allowed by the policies, or the call is denied. Fails closed.
import type { Call } from '../../contract/call.ts'
import { decide } from '../../contract/decision.ts'
import type { Demand } from '../../contract/demand.ts'
import { AccessDeniedException } from '../../contract/errors.ts'
import { denialMessage } from '../../policy/decision.ts'

export function authorize(demands: readonly Demand[], call: Call): void {
  // A call that demands nothing has forgotten to: deny.
  if (demands.length === 0) throw new AccessDeniedException('The call demands no permission.')
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
  const decision = decide(demand, call)
  if (decision.allowed) return
  const { action, resource } = demand
  throw new AccessDeniedException(
    demand.denial ?? denialMessage(decision, { caller: caller.arn, action, resource }),
  )
}
