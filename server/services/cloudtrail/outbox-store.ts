// Records of changes on their way into a chain. A row is written with its change and deleted once the
// record is durable in a chain; rows that a dead process left are taken over by whoever finds them.
import type { Storage, Transaction } from '../../storage/storage.ts'
import type { TrailTables } from './tables.ts'

export type OutboxRecord = {
  readonly eventId: string
  readonly writer: string
  readonly record: string
}

export type Outbox = {
  insert(tx: Transaction, entry: OutboxRecord, nowMs: number): Promise<void>
  delete(eventIds: readonly string[]): Promise<void>
  /** Takes over the rows of other writers older than `beforeMs`; each goes to one taker only. */
  takeOver(writer: string, beforeMs: number): Promise<readonly OutboxRecord[]>
  list(): Promise<readonly OutboxRecord[]>
}

const MAX_TAKEN = 1000

export function openOutbox(storage: Storage): Outbox {
  const db = storage.read.$extendTables<TrailTables>()
  return {
    async insert(tx, { eventId, writer, record }, nowMs) {
      await tx.db
        .$extendTables<TrailTables>()
        .insertInto('trail_outbox')
        .values({ event_id: eventId, writer, record, created_at_ms: nowMs })
        .execute()
    },
    async delete(eventIds) {
      await storage.write((tx) =>
        tx.db
          .$extendTables<TrailTables>()
          .deleteFrom('trail_outbox')
          .where('event_id', 'in', eventIds)
          .execute(),
      )
    },
    async takeOver(writer, beforeMs) {
      const left = await db
        .selectFrom('trail_outbox')
        .select('event_id')
        .where('writer', '!=', writer)
        .where('created_at_ms', '<', beforeMs)
        .orderBy('created_at_ms')
        .limit(MAX_TAKEN)
        .execute()
      if (left.length === 0) return []
      return storage.write(async (tx) => {
        const taken: OutboxRecord[] = []
        for (const { event_id } of left) {
          const row = await tx.db
            .$extendTables<TrailTables>()
            .selectFrom('trail_outbox')
            .selectAll()
            .where('event_id', '=', event_id)
            .where('created_at_ms', '<', beforeMs)
            .executeTakeFirst()
          if (row === undefined) continue
          const { numUpdatedRows } = await tx.db
            .$extendTables<TrailTables>()
            .updateTable('trail_outbox')
            .set({ writer, created_at_ms: Date.now() })
            .where('event_id', '=', event_id)
            .where('writer', '=', row.writer)
            .where('created_at_ms', '<', beforeMs)
            .executeTakeFirst()
          if (numUpdatedRows === 1n) {
            taken.push({ eventId: event_id, writer: row.writer, record: row.record })
          }
        }
        return taken
      })
    },
    async list() {
      const rows = await db
        .selectFrom('trail_outbox')
        .selectAll()
        .orderBy('created_at_ms')
        .execute()
      return rows.map(({ event_id, writer, record }) => ({ eventId: event_id, writer, record }))
    },
  }
}
