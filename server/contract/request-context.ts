// The condition keys that every request has, whatever it asks for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

import { type Context, type ContextEntry, type ContextValue, contextOf } from '../policy/context.ts'
import { isService } from '../policy/principal.ts'
import type { Call } from './call.ts'
import type { Demand } from './demand.ts'

/**
 * What a demand's policies may look at: the caller's keys, then the demand's own and the request's, which
 * are made when somebody asks for one: most decisions need none.
 */
// A class: V8 keeps an object literal with a getter, and all it refers to, until a full collection.
export class RequestContext implements Context {
  readonly #demand: Demand
  readonly #call: Call
  #request: Context | undefined = undefined

  constructor(demand: Demand, call: Call) {
    this.#demand = demand
    this.#call = call
  }

  /** Whether a policy asked for more than what follows from the caller alone. */
  get isRequestRead(): boolean {
    return this.#request !== undefined
  }

  /** Grows when the request is looked at for the first time. */
  get length(): number {
    return this.#request?.length ?? this.#call.caller.context.length
  }

  get(foldedName: string): ContextEntry | undefined {
    // No key of the caller's is one of the request's.
    const own = this.#call.caller.context.get(foldedName)
    if (own !== undefined) return own
    this.#request ??= contextOf(keysOf(this.#demand, this.#call), this.#call.caller.context)
    return this.#request.get(foldedName)
  }
}

function* keysOf(demand: Demand, call: Call): Generator<readonly [string, ContextValue]> {
  const { nowMs } = call
  yield ['aws:RequestedRegion', demand.region ?? call.region]
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
