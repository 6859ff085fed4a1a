// How many bytes of request bodies one process holds for senders that it does not know yet. Each body
// has its own bound; this one holds against many senders at once.

export type BodyBudget = {
  readonly maxBytes: number
  heldBytes: number
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024

/** What a chunk occupies beside its bytes: a body sent byte by byte costs far more than its length. */
export const CHUNK_OVERHEAD_BYTES = 256

export function createBodyBudget(maxBytes: number = DEFAULT_MAX_BYTES): BodyBudget {
  return { maxBytes, heldBytes: 0 }
}
