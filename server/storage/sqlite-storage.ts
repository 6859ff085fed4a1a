// The storage on one machine: a SQLite file in WAL mode, synced at every commit. One connection writes,
// one reads and one follows the change feed; other processes on this machine do the same.

import { closeSync, openSync } from 'node:fs'
import { type Kysely, sql } from 'kysely'
import {
  type Announcement,
  type ChangeTables,
  changeRecorder,
  createChangesTable,
} from './changes.ts'
import { columnTypes } from './column-types.ts'
import type { CompleteSettings, NoTables, Storage, Transaction } from './contract.ts'
import { StorageClosedError } from './errors.ts'
import { followSqliteChanges } from './sqlite-changes.ts'
import {
  isSqliteBusy,
  isSqliteDiskFailure,
  kyselyOverSqlite,
  openSqliteDatabase,
  preparedStatements,
} from './sqlite-database.ts'
import { openSqliteSnapshot } from './sqlite-snapshot.ts'
import {
  nestingGuard,
  requireWithinTransaction,
  taskQueue,
  untilItSucceeds,
} from './write-turns.ts'

/** How long a read may block this thread: locks that a reader meets (WAL recovery) are short. */
const readerBusyTimeoutMs = 250

/** How long after a write that the disk refused to find out whether it takes one again. */
const retryAfterMs = 500

/** Opens the file, creating it, for its owner only, where there is none. */
export async function openSqliteStorage(
  file: string,
  settings: CompleteSettings,
): Promise<Storage> {
  closeSync(openSync(file, 'a', 0o600))
  const within = <T>(attempt: () => T | Promise<T>, startedAt = performance.now()) =>
    untilItSucceeds(attempt, isSqliteBusy, startedAt + settings.busyDeadlineMs)
  const writer = await within(() => openSqliteDatabase(file, 0))
  const opened = [writer]
  const statements = preparedStatements(writer)
  const queue = taskQueue()
  const nesting = nestingGuard()
  const record = changeRecorder(settings)
  let closed = false
  /** What the last write failed with, where that was the disk's doing. */
  let diskFailure: unknown
  let retry: NodeJS.Timeout | undefined

  /** Never waits for the lock on this thread: another process may hold it for long. */
  async function transact<T>(run: (db: Kysely<NoTables>) => Promise<T>): Promise<T> {
    // Where the disk refused even to roll back.
    if (writer.isTransaction) writer.exec('rollback')
    writer.exec('begin immediate')
    let open = true
    const db = kyselyOverSqlite(statements, (text) => {
      // SQLite itself ends a transaction after some failures, such as a full disk.
      if (!open || !writer.isTransaction) throw new StorageClosedError('this transaction has ended')
      requireWithinTransaction(text)
    })
    try {
      const result = await run(db)
      open = false
      writer.exec('commit')
      return result
    } finally {
      open = false
      if (writer.isTransaction) writer.exec('rollback')
    }
  }

  /** Remembers a failure of the disk until a write succeeds, and writes again if nobody else does. */
  function noticeFailure(error: unknown): void {
    if (!isSqliteDiskFailure(error)) return
    diskFailure = error
    retry ??= setTimeout(() => {
      retry = undefined
      if (diskFailure !== undefined && !closed) {
        queue.run(() => within(writeNothing)).then(noticeSuccess, noticeFailure)
      }
    }, retryAfterMs).unref()
  }

  function noticeSuccess(): void {
    diskFailure = undefined
  }

  /** A page of the file as it is, through the log to the disk. */
  async function writeNothing(): Promise<void> {
    await transact(async () => {
      const { user_version: version } = writer.prepare('pragma user_version').get() ?? {}
      writer.exec(`pragma user_version = ${Number(version)}`)
    })
  }

  async function openReader() {
    const reader = await within(() => openSqliteDatabase(file, readerBusyTimeoutMs))
    reader.exec('pragma query_only = on')
    opened.unshift(reader)
    return reader
  }

  function closeAll() {
    // The writer last: the last connection to close folds the WAL into the file.
    for (const database of opened) if (database.isOpen) database.close()
  }

  try {
    const mode = await within(() => writer.prepare('pragma journal_mode = wal').get())
    if (mode?.journal_mode !== 'wal') throw new Error(`${file} cannot be put in WAL mode`)
    const { wholeNumber } = columnTypes('sqlite')
    await within(() =>
      transact((db) => createChangesTable(db.$extendTables<ChangeTables>(), wholeNumber)),
    )
    const reader = await openReader()
    const read = kyselyOverSqlite(preparedStatements(reader), () => {
      if (closed) throw new StorageClosedError('the storage is closed')
    })
    const changes = followSqliteChanges(await openReader())

    const attempt = <T>(work: (tx: Transaction) => Promise<T>) =>
      transact(async (db) => {
        const announced: Announcement[] = []
        const announce = async (topic: string, subject: string) => {
          announced.push({ topic, subject })
        }
        const result = await nesting.inside(() => work({ db, announce }))
        await record(db.$extendTables<ChangeTables>(), announced)
        return result
      })

    return {
      dialect: 'sqlite',
      read,
      changes,
      async write(work) {
        nesting.requireOutside()
        if (closed) throw new StorageClosedError('the storage is closed')
        const askedAt = performance.now()
        const result = await queue
          .run(() => within(() => attempt(work), askedAt))
          .catch((error: unknown) => {
            noticeFailure(error)
            throw error
          })
        noticeSuccess()
        try {
          changes.look()
        } catch {
          // The change is made. Whoever asks next looks again, and refuses if that fails too.
        }
        return result
      },
      async openSnapshot() {
        if (closed) throw new StorageClosedError('the storage is closed')
        const database = await within(() => openSqliteDatabase(file, readerBusyTimeoutMs))
        opened.unshift(database)
        const snapshot = openSqliteSnapshot(database)
        return {
          ...snapshot,
          async close() {
            if (opened.includes(database)) opened.splice(opened.indexOf(database), 1)
            await snapshot.close()
          },
        }
      },
      async ping() {
        if (diskFailure !== undefined) throw diskFailure
        await sql`select 1`.execute(read)
      },
      async close() {
        closed = true
        clearTimeout(retry)
        await queue.idle()
        closeAll()
      },
    }
  } catch (error) {
    closeAll()
    throw error
  }
}
