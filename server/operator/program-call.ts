// What a program of the operator does by itself, without a running server to ask: a call like any other
// of the operator's, for its record.
import { type Call, invokesNothing } from '../contract/call.ts'
import { randomUuid } from '../crypto/random.ts'
import { OPERATOR_ACCOUNT, OPERATOR_EVENT_SOURCE, operatorCaller } from './operation.ts'

/** Where AWS records what belongs to no Region. */
const GLOBAL_REGION = 'us-east-1'

/** A call by this program, such as `keyhold restore`. */
export function programCall(program: string, nowMs: number): Call {
  return {
    id: randomUuid(),
    account: OPERATOR_ACCOUNT,
    region: GLOBAL_REGION,
    caller: operatorCaller,
    origin: { ipAddress: program, userAgent: 'keyhold', host: '', tls: undefined },
    service: OPERATOR_EVENT_SOURCE,
    via: [],
    nowMs,
    deadlineMs: nowMs,
    stores: undefined,
    invoke: invokesNothing,
  }
}
