// Timed work of a service: run on one node at a time, fenced, and recorded like a call.
import type { Transaction } from '../storage/storage.ts'
import type { Scope } from './call.ts'
import type { Resource } from './demand.ts'

/** What a job did, as an AwsServiceEvent record tells it. */
export type ServiceEvent = Scope & {
  /** CloudTrail's name of the event, such as `DeleteKey`. */
  readonly eventName: string
  readonly resources: readonly Resource[]
  /** What `responseElements` shows, where CloudTrail shows any. */
  readonly response: Readonly<Record<string, string>> | undefined
  /** What `serviceEventDetails` shows; never anything secret. */
  readonly details: Readonly<Record<string, string | number | boolean>> | undefined
}

/** One kind of timed work. An item is one thing that is due, such as one key; a plain value. */
export type Job<Item = unknown> = {
  /** Service and what is done, such as `kms/delete-keys`. */
  readonly name: string
  /** How often to look for due items. */
  readonly everyMs: number
  /** What cannot be undone waits while the clock is in doubt. */
  readonly irreversible: boolean
  /** At most `limit` items that are due, across all scopes. */
  due(nowMs: number, limit: number): Promise<readonly Item[]>
  /** Slow work for the item, outside any transaction. */
  prepare(item: Item): Promise<unknown>
  /**
   * Does the item's work within `tx`, looking again whether it is still due; answers the event to
   * record, or nothing where there was nothing to do any more. Run again from the start after a
   * collision. Throws `Moved` where the item changed meanwhile: it is looked at another time.
   */
  apply(
    item: Item,
    prepared: unknown,
    tx: Transaction,
    nowMs: number,
  ): Promise<ServiceEvent | undefined>
}
