// What an operation must declare. Read `pipeline/invoke.ts` for what is done with it.

import type { Checked, Limits } from '../schema/limits.ts'
import type { OperationSchema } from '../schema/operation-schema.ts'
import type { Transaction } from '../storage/storage.ts'
import type { Call } from './call.ts'
import type { Caller } from './caller.ts'
import type { Demand, Resource, Usage } from './demand.ts'
import type { AwsError, AwsErrorClass } from './errors.ts'

/** What is in a cache is answered without a promise: the pipeline awaits only what is one. */
export type Awaitable<T> = T | Promise<T>

/** Goes on with `value` now, or when its promise is kept. */
export function after<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** The target does not exist: the call is authorized against the ARN asked for, then told `error`. */
export class Missing {
  readonly resource: string
  readonly owner: string
  readonly error: AwsError
  constructor(resource: string, owner: string, error: AwsError) {
    this.resource = resource
    this.owner = owner
    this.error = error
  }
}

/**
 * A path to a member, such as `KeyId`; to what it holds as well, where that is a structure or map. With
 * a point, to one member of a structure: `Credentials.AccessKeyId` beside a secret that is not shown.
 */
export type Path<T> = (keyof T & string) | `${keyof T & string}.${string}`

/** Everything the pipeline must know about one operation. No field is optional: what is not declared is forgotten. */
type Declared<Input, Output, Target, Stores> = {
  /** Name, members, wire names, required and sensitive marks: the SDK's own, by way of `./wire.ts`. */
  readonly schema: OperationSchema<Input, Output>
  /** What that schema does not know: length, range, pattern, enumeration. */
  readonly limits: Limits<Input>
  /** All it may throw besides the common errors; a test fails on any other. */
  readonly errors: readonly AwsErrorClass[]
  /** Loads, once, what is acted on. */
  target(input: Checked<Input>, call: Call<Stores>): Awaitable<Target | Missing>
  /** What must be allowed: all of them. One waits only where what it is made of is in no cache. */
  demands(
    target: Target | Missing,
    input: Checked<Input>,
    call: Call<Stores>,
  ): readonly Awaitable<Demand>[]
  /** Request quotas, each with its payer, and what the meter counts. */
  usage(target: Target | Missing, input: Checked<Input>, call: Call<Stores>): readonly Usage[]
  /** The resources that the record names. */
  resources(target: Target, output: Output | undefined): readonly Resource[]
  /** What the record shows of input and output; naming a sensitive member fails at start. */
  readonly audit: {
    readonly readOnly: boolean
    readonly show: readonly Path<Input>[]
    /** Members of the output; or, where it has none, what CloudTrail shows in their place. */
    readonly showOutput: readonly Path<Output>[] | ((resources: readonly Resource[]) => object)
  }
}

/** An operation that changes nothing. */
export type ReadingOperation<Input, Output, Target, Stores> = Declared<
  Input,
  Output,
  Target,
  Stores
> & {
  handle(input: Checked<Input>, target: Target, call: Call<Stores>): Awaitable<Output>
}

/** One that uses something of which it is kept when and by what it was last used, such as a key. */
export type UsingOperation<Input, Output, Target, Stores> = ReadingOperation<
  Input,
  Output,
  Target,
  Stores
> & {
  /** Called once a call succeeded and its records are durable, with the id of each account's record. */
  used(target: Target, call: Call<Stores>, eventIdOf: (account: string) => string): void
}

/** One whose record has more to tell than members of input and output: CloudTrail's additionalEventData. */
export type TellsMore<Input> = {
  /** Nothing where there is no more to tell of this call. */
  additionalEventData(input: Checked<Input>): object | undefined
}

/** An operation that changes something, together with its record. */
export type ChangingOperation<Input, Output, Target, Stores, Prepared> = Declared<
  Input,
  Output,
  Target,
  Stores
> & {
  /** Checks and slow work, outside any transaction. */
  prepare(input: Checked<Input>, target: Target, call: Call<Stores>): Awaitable<Prepared>
  /** The change. Compares the versions that were authorized and throws `Moved` where they differ. */
  apply(prepared: Prepared, tx: Transaction, call: Call<Stores>): Promise<Output>
}

/** A request that nobody signed, before it is known who makes it. */
export type UnsignedRequest<Input, Stores> = Pick<Call<Stores>, 'nowMs' | 'origin' | 'stores'> & {
  readonly input: Checked<Input>
}

/**
 * An operation that needs no signature: who calls is proven by what is in the input. It changes nothing.
 * Whoever throws in `identify` never came in: no call begins, and nothing is recorded, as with a signature
 * that does not match.
 */
export type UnsignedOperation<Input, Output, Target, Stores> = ReadingOperation<
  Input,
  Output,
  Target,
  Stores
> & {
  identify(request: UnsignedRequest<Input, Stores>): Promise<Caller>
}

/** What a call did in another Region, which is told there as a call of `operation`. */
export type Elsewhere = {
  readonly region: string
  readonly operation: Pick<AnyOperation, 'schema' | 'audit'>
  readonly input: object
  readonly output: object
  readonly resources: readonly Resource[]
}

/** An operation that changes something in two Regions, and is recorded in both. */
export type SpreadingOperation<Input, Output, Target, Stores, Prepared> = ChangingOperation<
  Input,
  Output,
  Target,
  Stores,
  Prepared
> & {
  elsewhere(prepared: Prepared, output: Output, input: Checked<Input>): Elsewhere
}

/** What was authorized has changed meanwhile: the call starts again from `target`. */
export class Moved extends Error {}

export type AnyReading =
  // biome-ignore lint/suspicious/noExplicitAny: lists of operations hold every combination of types.
  ReadingOperation<any, any, any, any> | UsingOperation<any, any, any, any>
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type AnyChanging = ChangingOperation<any, any, any, any, any>
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type AnyUnsigned = UnsignedOperation<any, any, any, any>
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type AnySpreading = SpreadingOperation<any, any, any, any, any>
export type AnyOperation = AnyReading | AnyChanging | AnySpreading | AnyUnsigned
