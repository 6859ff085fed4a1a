// The register of chains: who opened which, and how each names those before it.
import type { Storage } from '../../storage/storage.ts'
import { type BatchLine, type Head, type Opening, readBatchLine } from './chain.ts'
import type { Journal } from './journal.ts'
import type { TrailTables } from './tables.ts'

/** `closedAtBatch` is the last batch of a chain that ended in good order. */
export type RegisteredChain = { readonly chain: string; readonly closedAtBatch: number | null }

export type ChainRegister = {
  add(opening: Opening, nowMs: number): Promise<void>
  /** Tells that the chain ended in good order with this batch. */
  close(chain: string, batch: number): Promise<void>
  list(): Promise<readonly RegisteredChain[]>
  /**
   * The heads that a new chain must name: of every chain that grew since it was last named. One that is
   * not genuine is left out, for the opening that names it is signed.
   */
  headsToName(
    journal: Journal,
    isGenuine: (chain: string, batch: BatchLine) => boolean,
  ): Promise<readonly Head[]>
}

export function openChainRegister(storage: Storage): ChainRegister {
  const db = storage.read.$extendTables<TrailTables>()
  return {
    async add(opening, nowMs) {
      await storage.write((tx) =>
        tx.db
          .$extendTables<TrailTables>()
          .insertInto('trail_chains')
          .values({
            chain_id: opening.chain,
            opening: JSON.stringify(opening),
            opened_at_ms: nowMs,
            closed_at_batch: null,
          })
          .execute(),
      )
    },
    async close(chain, batch) {
      await storage.write((tx) =>
        tx.db
          .$extendTables<TrailTables>()
          .updateTable('trail_chains')
          .set({ closed_at_batch: batch })
          .where('chain_id', '=', chain)
          .execute(),
      )
    },
    async list() {
      const rows = await db
        .selectFrom('trail_chains')
        .select(['chain_id', 'closed_at_batch'])
        .execute()
      return rows.map((row) => ({ chain: row.chain_id, closedAtBatch: row.closed_at_batch }))
    },
    async headsToName(journal, isGenuine) {
      const rows = await db.selectFrom('trail_chains').selectAll().execute()
      const named = new Map<string, number>()
      for (const { opening } of rows) {
        for (const { chain, batch } of (JSON.parse(opening) as Opening).previous) {
          named.set(chain, Math.max(batch, named.get(chain) ?? -1))
        }
      }
      const heads: Head[] = []
      for (const { chain_id: chain, closed_at_batch: closedAt } of rows) {
        const namedBatch = named.get(chain) ?? -1
        // A closed chain that was named at its end has nothing new to say.
        if (closedAt !== null && closedAt <= namedBatch) continue
        // A chain that vanished cannot be named; verification misses it by this register.
        const line = await journal.lastBatchLine(chain).catch(() => undefined)
        const last = line === undefined ? undefined : readBatchLine(line)
        if (last !== undefined && last.number > namedBatch && isGenuine(chain, last)) {
          heads.push({ chain, batch: last.number, head: last.head })
        }
      }
      return heads
    },
  }
}
