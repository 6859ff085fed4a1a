// The condition keys that every request has, whatever it asks for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

import { type Context, type ContextValue, contextOf, contextWhenAsked } from '../policy/context.ts'
import type { Call } from './call.ts'
import type { Demand } from './demand.ts'

/** What a demand's policies may look at: its own keys, the request's and the caller's. */
export function demandContext(demand: Demand, call: Call): Context {
  return contextWhenAsked(() => contextOf(keysOf(demand, call), call.caller.context))
}

function* keysOf(demand: Demand, call: Call): Generator<readonly [string, ContextValue]> {
  const { origin, region, nowMs } = call
  yield ['aws:RequestedRegion', region]
  yield ['aws:SourceIp', origin.ipAddress]
  yield ['aws:SecureTransport', String(origin.tls !== undefined)]
  yield ['aws:UserAgent', origin.userAgent]
  yield ['aws:CurrentTime', new Date(nowMs).toISOString()]
  yield ['aws:EpochTime', String(Math.floor(nowMs / 1000))]
  yield ['aws:ViaAWSService', 'false']
  // Where an action has no resource, there is no account that owns it either.
  if (demand.resource !== '*') yield ['aws:ResourceAccount', demand.owner]
  yield* demand.conditions()
}
