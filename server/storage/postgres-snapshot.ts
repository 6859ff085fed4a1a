// One moment of a PostgreSQL database: a REPEATABLE READ transaction sees what was committed when its
// first statement began. https://www.postgresql.org/docs/current/transaction-iso.html

import type { Row, Snapshot } from './contract.ts'
import { kyselyOverPostgres } from './postgres-database.ts'
import type { PostgresSession } from './postgres-session.ts'
import { bytesPerPiece, quoted, rowsPerPiece, selectAllOf, sizeOfRow } from './schema-tables.ts'

/** Begins the snapshot on a session that nobody else uses; closing it ends the session. */
export async function openPostgresSnapshot(session: PostgresSession): Promise<Snapshot> {
  // Whoever reads all of it, and writes it to a slow disk meanwhile, takes any time.
  const run = (text: string, parameters?: readonly unknown[]) =>
    session.run(text, parameters, Number.POSITIVE_INFINITY)
  try {
    await run('begin isolation level repeatable read read only')
    await run('set local statement_timeout = 0')
    await run('set local idle_in_transaction_session_timeout = 0')
    await run('select 1')
  } catch (error) {
    session.end()
    throw error
  }
  return {
    read: kyselyOverPostgres(async () => ({ run, release() {} })),
    async *rows(table, columns, orderBy) {
      // A cursor of its own name: the client remembers what the rows of a statement look like.
      const cursor = quoted(`rows of ${table}`)
      const select = selectAllOf(table, columns, orderBy)
      await run(`declare ${cursor} no scroll cursor for ${select}`)
      // The first row tells how many of its like make a piece.
      let count = 1
      let longest = 1
      for (;;) {
        const piece = (await run(`fetch ${count} from ${cursor}`)) as Row[]
        if (piece.length > 0) yield piece
        if (piece.length < count) break
        longest = Math.max(longest, ...piece.map(sizeOfRow))
        count = Math.max(1, Math.min(rowsPerPiece, Math.floor(bytesPerPiece / longest)))
      }
      await run(`close ${cursor}`)
    },
    async close() {
      session.end()
    },
  }
}
