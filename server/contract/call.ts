// One call under way, as an operation sees it.
import type { OperationSchema } from '../schema/operation-schema.ts'
import type { Caller } from './caller.ts'
import type { Through } from './through.ts'

/** The tenant: every store is opened for one, so that a query cannot forget it. */
export type Scope = { readonly account: string; readonly region: string }

/** Where the request came from, for the audit record and for conditions. */
export type Origin = {
  readonly ipAddress: string
  readonly userAgent: string
  /** The Host header, as the client sent it. */
  readonly host: string
  /** Present when the request came over TLS. */
  readonly tls: { readonly version: string; readonly cipherSuite: string } | undefined
}

export type Call<Stores = unknown> = Scope & {
  /** The request id of the answer and of the record; a UUID. */
  readonly id: string
  readonly caller: Caller
  readonly origin: Origin
  /** The service whose operation this is, by the name that policies know: `kms.amazonaws.com`. */
  readonly service: string
  /** The services that passed the caller's request on, first to last; none where the caller came itself. */
  readonly via: readonly string[]
  /** The one moment at which the call happens, in milliseconds since the epoch. */
  readonly nowMs: number
  /** The moment after which nobody waits for the answer any more. */
  readonly deadlineMs: number
  /** The stores of the operation's own service, opened for the caller's account and Region. */
  readonly stores: Stores
  /** Invokes an operation of another service. */
  readonly invoke: InvokeOther
}

/**
 * A call within a call: the whole pipeline again, with a request id and a record of its own, at the same
 * moment and with the same deadline. Its record stands whatever becomes of the call around it. Throws the
 * AwsError of the operation. An operation that changes something invokes in `prepare`, never in `apply`:
 * no transaction spans two operations.
 */
export type InvokeOther = <Input, Output>(
  this: Call,
  operation: { readonly schema: OperationSchema<Input, Output> },
  input: Input,
  how: Through,
) => Promise<Output>

/** Of calls that nobody's operation runs for, or none that would invoke another. */
export function invokesNothing(): never {
  throw new Error('this call invokes no other operation')
}
