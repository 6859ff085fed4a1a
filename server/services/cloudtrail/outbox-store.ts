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
  has(tx: Transaction, eventId: string): Promise<boolean>
  delete(eventIds: readonly string[]): Promise<void>
  /** Shows that the writer of these rows lives. */
  keep(writer: string, nowMs: number): Promise<void>
  /** Rows of other writers older than `beforeMs`, the oldest first. */
  listLeft(writer: string, beforeMs: number): Promise<readonly OutboxRecord[]>
  /** Makes these rows the writer's own; answers those that nobody else took or deleted meanwhile. */
  take(
    writer: string,
    left: readonly OutboxRecord[],
    nowMs: number,
  ): Promise<readonly OutboxRecord[]>
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
    async has(tx, eventId) {
      const row = await tx.db
        .$extendTables<TrailTables>()
        .selectFrom('trail_outbox')
        .select('event_id')
        .where('event_id', '=', eventId)
        .executeTakeFirst()
      return row !== undefined
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
    async keep(writer, nowMs) {
      await storage.write((tx) =>
        tx.db
          .$extendTables<TrailTables>()
          .updateTable('trail_outbox')
          .set({ created_at_ms: nowMs })
          .where('writer', '=', writer)
          .execute(),
      )
    },
    async listLeft(writer, beforeMs) {
      const rows = await db
        .selectFrom('trail_outbox')
        .selectAll()
        .where('writer', '!=', writer)
        .where('created_at_ms', '<', beforeMs)
        .orderBy('created_at_ms')
        .limit(MAX_TAKEN)
        .execute()
      return rows.map(readRow)
    },
    async take(writer, left, nowMs) {
      if (left.length === 0) return []
      return storage.write(async (tx) => {
        const taken: OutboxRecord[] = []
        for (const entry of left) {
          const { numUpdatedRows } = await tx.db
            .$extendTables<TrailTables>()
            .updateTable('trail_outbox')
            .set({ writer, created_at_ms: nowMs })
            .where('event_id', '=', entry.eventId)
            .where('writer', '=', entry.writer)
            .executeTakeFirst()
          if (numUpdatedRows === 1n) taken.push(entry)
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
      return rows.map(readRow)
    },
  }
}

function readRow({ event_id, writer, record }: TrailTables['trail_outbox']): OutboxRecord {
  return { eventId: event_id, writer, record }
}
