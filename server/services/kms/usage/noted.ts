// How operations tell of the keys that they used, and for how long a key was not used.
import type { Call } from '../../../contract/call.ts'
import { type Awaitable, after, Missing } from '../../../contract/operation.ts'
import type { Key } from '../keys/key.ts'
import type { KmsStores } from '../operation.ts'
import type { KeyLastUsageTrackingOperation } from '../wire.ts'

const DAY_MS = 86_400_000

/** The id of the record that this account got. */
type EventIdOf = (account: string) => string

export function noteUse(
  key: Key,
  operation: KeyLastUsageTrackingOperation,
  call: Call<KmsStores>,
  eventIdOf: EventIdOf,
): void {
  call.stores.keyUsage.note(key, {
    operation,
    atMs: call.nowMs,
    eventId: eventIdOf(key.account),
    requestId: call.id,
  })
}

/** What an operation declares that uses the key that is its target. */
export function usesKey(operation: KeyLastUsageTrackingOperation) {
  return (key: Key, call: Call<KmsStores>, eventIdOf: EventIdOf): void =>
    noteUse(key, operation, call, eventIdOf)
}

/** A key, and the days since its last use, or since it was made where there was none; rounded down. */
export type RestingKey = Key & { readonly daysWithoutUsage: number }

export function resting(
  found: Awaitable<Key | Missing>,
  call: Call<KmsStores>,
): Awaitable<RestingKey | Missing> {
  return after(found, async (key) => {
    if (key instanceof Missing) return key
    const use = await call.stores.keyUsage.find(key)
    const restMs = call.nowMs - (use?.atMs ?? key.createdAtMs)
    return { ...key, daysWithoutUsage: Math.max(0, Math.floor(restMs / DAY_MS)) }
  })
}

/** What policies may ask about it. */
export function restOf(target: RestingKey | Missing): { readonly daysWithoutUsage?: number } {
  return target instanceof Missing ? {} : { daysWithoutUsage: target.daysWithoutUsage }
}
