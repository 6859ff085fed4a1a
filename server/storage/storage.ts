// The door of the storage: opens SQLite (one machine) or PostgreSQL (several nodes) behind one shape.

import type { Place, Storage, StorageSettings } from './contract.ts'
import { completeSettings } from './contract.ts'
import { openPostgresStorage } from './postgres-storage.ts'
import { openSqliteStorage } from './sqlite-storage.ts'

export type { ChangeFeed, ChangeListener } from './changes.ts'
export { columnTypes } from './column-types.ts'
export type {
  Dialect,
  NoTables,
  Place,
  Row,
  Snapshot,
  Storage,
  StorageSettings,
  Transaction,
  Value,
} from './contract.ts'
export {
  CommitOutcomeUnknownError,
  DatabaseUnreachableError,
  SchemaVersionError,
  StaleChangesError,
  StorageBusyError,
  StorageClosedError,
} from './errors.ts'
export {
  finishMigrations,
  type Migration,
  migrate,
  pendingMigrations,
  schemaVersionOf,
} from './migrate.ts'
export { listMigrations, listTables, type SchemaTable } from './schema-tables.ts'
export { describeProcess, lookAtSchema } from './schema-version.ts'
export { joinAsServer } from './server-process.ts'

/**
 * Opens a store, creating the SQLite file (mode 0600) where there is none. Resolves once the store
 * answers and the change feed is current. A PostgreSQL URL never appears in an error: it may hold a
 * password.
 */
export function openStorage(place: Place, settings: StorageSettings = {}): Promise<Storage> {
  const complete = completeSettings(settings)
  return 'sqliteFile' in place
    ? openSqliteStorage(place.sqliteFile, complete)
    : openPostgresStorage(place.postgresUrl, complete)
}
