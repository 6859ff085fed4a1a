// Opens a SQLite file with `node:sqlite` and shows it to Kysely in the shape its SqliteDialect expects.
// https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { NoTables } from './contract.ts'

/**
 * Opens a connection. `busyTimeoutMs` is how long a statement blocks this thread while another
 * process holds a lock that it needs; opening too meets locks, such as that of a process which
 * recovers the log of one that was killed, and then fails as `isSqliteBusy` tells.
 */
export function openSqliteDatabase(file: string, busyTimeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(file, {
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    defensive: true,
  })
  try {
    database.exec('pragma synchronous = full')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Whether another connection held a lock: the operation may be tried again. */
export function isSqliteBusy(error: unknown): boolean {
  // SQLITE_BUSY, SQLITE_LOCKED
  return [5, 6].includes(resultCode(error))
}

/** Whether the disk is full, read-only or broken, or a file cannot be opened. */
export function isSqliteDiskFailure(error: unknown): boolean {
  // SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
  return [8, 10, 13, 14].includes(resultCode(error))
}

/** The low byte of an extended result code is the plain one. */
function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

type Statements = (sql: string) => StatementSync

/** Prepared statements by their text, the most recently used `max` of them. */
export function preparedStatements(database: DatabaseSync, max = 500): Statements {
  const statements = new LRUCache<string, StatementSync>({ max })
  return (sql) => {
    let statement = statements.get(sql)
    if (!statement) {
      statement = database.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
}

/** JavaScript has one kind of number; SQLite would store and compare 5 as 5.0 in an untyped place. */
function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) =>
    Number.isSafeInteger(value) ? BigInt(value as number) : (value as SQLInputValue),
  )
}

/** Kysely over one connection. `check` is asked before each statement and throws to refuse it. */
export function kyselyOverSqlite(
  statements: Statements,
  check: (text: string) => void,
): Kysely<NoTables> {
  return new Kysely({
    dialect: new SqliteDialect({
      database: {
        close() {},
        prepare(text) {
          check(text)
          const statement = statements(text)
          return {
            reader: statement.columns().length > 0,
            all: (parameters) => statement.all(...bindable(parameters)),
            run: (parameters) => statement.run(...bindable(parameters)),
            iterate() {
              throw new Error('the storage does not stream: read page by page')
            },
          }
        },
      },
    }),
  })
}
