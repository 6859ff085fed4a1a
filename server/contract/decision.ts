// What the policies say to one demand of a call: asked of every demand before the call goes on, and by
// operations that must know what would be allowed.
import { authorize } from '../policy/authorize.ts'
import type { Decision } from '../policy/decision.ts'
import type { Call } from './call.ts'
import type { Demand } from './demand.ts'
import { RequestContext } from './request-context.ts'

/** Puts the demand to the policy engine, with everything that the call and its caller bring along. */
export function decide(
  demand: Demand,
  call: Call,
  context = new RequestContext(demand, call),
): Decision {
  const { caller } = call
  return authorize({
    principal: caller.principal,
    policies: caller.policies,
    demand: {
      ...demand,
      account: demand.owner,
      resourceControl: undefined,
      context,
    },
  })
}
