// One moment of a SQLite file, on a connection of its own: a read transaction in WAL mode sees what was
// committed when it began, and holds up no writer. https://www.sqlite.org/isolation.html

import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Row, Snapshot } from './contract.ts'
import { StorageClosedError } from './errors.ts'
import { bytesPerPiece, rowsPerPiece, selectAllOf, sizeOfRow } from './schema-tables.ts'
import { kyselyOverSqlite, preparedStatements } from './sqlite-database.ts'

/** Begins the snapshot on a connection that nobody else uses; closing it closes the connection. */
export function openSqliteSnapshot(database: DatabaseSync): Snapshot {
  database.exec('pragma query_only = on')
  database.exec('begin')
  // The transaction begins with its first read.
  database.prepare('select count(*) from sqlite_master').get()
  const requireOpen = () => {
    if (!database.isOpen) throw new StorageClosedError('the storage is closed')
  }
  return {
    read: kyselyOverSqlite(preparedStatements(database), requireOpen),
    async *rows(table, columns, orderBy) {
      requireOpen()
      const rows = database.prepare(selectAllOf(table, columns, orderBy))
      let piece: Row[] = []
      let bytes = 0
      for (const row of rows.iterate()) {
        piece.push(row as Row)
        bytes += sizeOfRow(row as Row)
        if (piece.length < rowsPerPiece && bytes < bytesPerPiece) continue
        yield piece
        piece = []
        bytes = 0
        // Reading blocks this thread, so others get it in between.
        await nextTurn()
        requireOpen()
      }
      if (piece.length > 0) yield piece
    },
    async close() {
      if (database.isOpen) database.close()
    },
  }
}
