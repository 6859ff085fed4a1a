// One call under way, as an operation sees it.
import type { Caller } from './caller.ts'

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
  /** The one moment at which the call happens, in milliseconds since the epoch. */
  readonly nowMs: number
  /** The moment after which nobody waits for the answer any more. */
  readonly deadlineMs: number
  /** The stores of the operation's own service, opened for the caller's account and Region. */
  readonly stores: Stores
}
