// Plaintext that no caller sees is gone from memory as soon as it was used.
import type { Awaitable } from '../../../contract/operation.ts'

/** What `use` makes of the bytes; they are zero by the time it is there, or has failed. */
export function zeroedAfter<T>(bytes: Uint8Array, use: () => Awaitable<T>): Awaitable<T> {
  let made: Awaitable<T>
  try {
    made = use()
  } catch (error) {
    bytes.fill(0)
    throw error
  }
  if (made instanceof Promise) return made.finally(() => bytes.fill(0))
  bytes.fill(0)
  return made
}
