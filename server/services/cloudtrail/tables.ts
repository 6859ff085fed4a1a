// The tables of the trail, as Kysely types; made by `migrations/`.

export type TrailTables = {
  /** Every chain ever opened: a chain that vanished is missed by this list. */
  trail_chains: {
    chain_id: string
    opening: string
    opened_at_ms: number
    /** The number of the last batch, once the chain was closed in good order. */
    closed_at_batch: number | null
  }
  /** The batches of chains that are kept in the database (PostgreSQL). */
  trail_batches: { chain_id: string; number: number; lines: Uint8Array }
  /** Records of changes, committed with the change, on their way into a chain. */
  trail_outbox: { event_id: string; writer: string; record: string; created_at_ms: number }
  trail_signing_keys: {
    generation: number
    root_key_id: string
    wrapped: Uint8Array
    created_at_ms: number
  }
}
