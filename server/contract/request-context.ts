// The condition keys that every request has, whatever it asks for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

import { type Context, type ContextValue, contextOf, contextWhenAsked } from '../policy/context.ts'
import { isService } from '../policy/principal.ts'
import type { Call } from './call.ts'
import type { Demand } from './demand.ts'

/** What a demand's policies may look at: its own keys, the request's and the caller's. */
export function demandContext(demand: Demand, call: Call): Context {
  return contextWhenAsked(() => contextOf(keysOf(demand, call), call.caller.context))
}

function* keysOf(demand: Demand, call: Call): Generator<readonly [string, ContextValue]> {
  const { region, nowMs } = call
  yield ['aws:RequestedRegion', region]
  yield ['aws:CurrentTime', new Date(nowMs).toISOString()]
  yield ['aws:EpochTime', String(Math.floor(nowMs / 1000))]
  yield* networkKeys(call)
  yield* viaKeys(call.via)
  // Where an action has no resource, there is no account that owns it either.
  if (demand.resource !== '*') yield ['aws:ResourceAccount', demand.owner]
  yield* demand.conditions()
}

/** Passed on by a service, a request is still one from where its caller sent it. */
function* networkKeys({ caller, origin }: Call): Generator<readonly [string, ContextValue]> {
  if (isService(caller.principal)) {
    yield ['aws:SecureTransport', 'true']
    return
  }
  yield ['aws:SourceIp', origin.ipAddress]
  yield ['aws:SecureTransport', String(origin.tls !== undefined)]
  yield ['aws:UserAgent', origin.userAgent]
}

function* viaKeys(via: readonly string[]): Generator<readonly [string, ContextValue]> {
  const [first, last] = [via[0], via.at(-1)]
  yield ['aws:ViaAWSService', String(first !== undefined)]
  if (first === undefined || last === undefined) return
  yield ['aws:CalledVia', via]
  yield ['aws:CalledViaFirst', first]
  yield ['aws:CalledViaLast', last]
}
