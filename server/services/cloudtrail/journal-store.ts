// Chains as rows, for servers that share one PostgreSQL: one row per batch.
import type { Storage } from '../../storage/storage.ts'
import type { Journal } from './journal.ts'
import { lastBatchLineIn } from './lines.ts'
import type { TrailTables } from './tables.ts'

export function tableJournal(storage: Storage): Journal {
  const db = storage.read.$extendTables<TrailTables>()
  return {
    create: (chain) =>
      Promise.resolve({
        append(number, lines, settle) {
          storage
            .write((tx) =>
              tx.db
                .$extendTables<TrailTables>()
                .insertInto('trail_batches')
                .values({ chain_id: chain, number, lines })
                // The batch may stand there already, when the answer of an earlier try was lost.
                .onConflict((conflict) => conflict.columns(['chain_id', 'number']).doNothing())
                .execute(),
            )
            .then(
              () => settle(undefined),
              (error: Error) => settle(error),
            )
        },
        close: () => Promise.resolve(),
      }),
    async list() {
      const rows = await db.selectFrom('trail_batches').select('chain_id').distinct().execute()
      return rows.map((row) => row.chain_id)
    },
    async *read(chain) {
      for (let next = 0; ; next++) {
        const row = await db
          .selectFrom('trail_batches')
          .select(['number', 'lines'])
          .where('chain_id', '=', chain)
          .where('number', '>=', next)
          .orderBy('number')
          .limit(1)
          .executeTakeFirst()
        if (row === undefined) return
        yield row.lines
        next = row.number
      }
    },
    async lastBatchLine(chain) {
      const row = await db
        .selectFrom('trail_batches')
        .select('lines')
        .where('chain_id', '=', chain)
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && lastBatchLineIn(Buffer.from(row.lines))
    },
  }
}
