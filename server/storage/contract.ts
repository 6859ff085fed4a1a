// The words of the storage: what a store, a transaction and the settings are. No behaviour.

import type { Kysely } from 'kysely'
import type { ChangeFeed } from './changes.ts'

export type Dialect = 'sqlite' | 'postgres'

/** A database seen before a service has said which tables it has: `db.$extendTables<KmsTables>()`. */
export type NoTables = Record<never, never>

export type Storage = {
  readonly dialect: Dialect
  /**
   * Reads, each a snapshot of its own. Typed per service with `.$extendTables<KmsTables>()` (or its
   * older name `.withTables`). Never write through it: both databases refuse.
   */
  readonly read: Kysely<NoTables>
  /**
   * One transaction. It is run again from the start when the database reports a collision (busy,
   * serialization failure, deadlock), so `work` must be repeatable and await nothing but the store.
   * Resolves when the change is durable and this process's own listeners have heard of it.
   * Calling `write` inside `work` is a bug and throws. An `unhurried` one (a migration) may take any
   * time over its statements and locks.
   */
  write<T>(work: (tx: Transaction) => Promise<T>, pace?: 'unhurried'): Promise<T>
  readonly changes: ChangeFeed
  /** Everything as it is at one moment, on a connection of its own; close it. */
  openSnapshot(): Promise<Snapshot>
  /** Resolves when the store answers a trivial query. */
  ping(): Promise<void>
  /** Waits for the writes under way, then lets go of every connection, file and timer. */
  close(): Promise<void>
}

/** A value as both databases keep it. */
export type Value = null | number | string | Uint8Array
export type Row = Readonly<Record<string, unknown>>

export type Snapshot = {
  /** Reads that all see the same moment. */
  readonly read: Kysely<NoTables>
  /** All rows of a table, in pieces of bounded length, ordered by these columns. */
  rows(
    table: string,
    columns: readonly string[],
    orderBy?: readonly string[],
  ): AsyncIterable<readonly Row[]>
  close(): Promise<void>
}

export type Transaction = {
  /** Reads and writes of this transaction; refuses once the transaction has ended. */
  readonly db: Kysely<NoTables>
  /**
   * Announces a change of authority to every process. Announcements are written together as the
   * transaction's last statement, numbered in commit order, and vanish if it is rolled back.
   */
  announce(topic: string, subject: string): Promise<void>
}

/** Where the data is: one file on this machine, or a PostgreSQL server (several hosts: `a:5432,b:5432`). */
export type Place = { readonly sqliteFile: string } | { readonly postgresUrl: string }

export type StorageSettings = {
  /** How long a write may wait for a lock or be repeated after collisions. Default 5000. */
  readonly busyDeadlineMs?: number
  /** How often PostgreSQL is asked for changes. Default 200. */
  readonly pollEveryMs?: number
  /** PostgreSQL: a process that has not polled successfully for this long refuses. Default 1000. */
  readonly staleAfterMs?: number
  /** How long an announced change is kept for processes that fell behind. Default one hour. */
  readonly keepChangesMs?: number
  /** PostgreSQL connections for reads. Default 5. */
  readonly maxReadConnections?: number
  /** PostgreSQL connections for transactions. Default 5. One more follows the change feed. */
  readonly maxWriteConnections?: number
  /** PostgreSQL: how long one server may take to accept a connection. Default 5000. */
  readonly connectTimeoutMs?: number
  /** PostgreSQL: how long one statement may take. Default 15000. */
  readonly statementTimeoutMs?: number
  /** The wall clock, in milliseconds since 1970. */
  readonly now?: () => number
}

/** The settings with every default filled in. */
export type CompleteSettings = Required<StorageSettings>

/** Fills in the defaults. */
export function completeSettings(settings: StorageSettings): CompleteSettings {
  return {
    busyDeadlineMs: 5000,
    pollEveryMs: 200,
    staleAfterMs: 1000,
    keepChangesMs: 3_600_000,
    maxReadConnections: 5,
    maxWriteConnections: 5,
    connectTimeoutMs: 5000,
    statementTimeoutMs: 15_000,
    now: Date.now,
    ...settings,
  }
}
