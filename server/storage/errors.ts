// What the storage refuses with. Each is a class of its own so that callers can tell "try again later"
// from "this process may not answer" from a bug.

/** The store stayed locked, or transactions kept colliding, until the deadline. Nothing was written. */
export class StorageBusyError extends Error {
  override readonly name = 'StorageBusyError'
}

/**
 * The connection broke while a commit was under way: the change may or may not have happened.
 * Repeat it with the same client-chosen identifiers.
 */
export class CommitOutcomeUnknownError extends Error {
  override readonly name = 'CommitOutcomeUnknownError'
}

/** The connection was lost inside a transaction, before its commit: nothing was written. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
}

/** No connection could be opened: the database is not there, or does not let us in. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError'
}

/** The storage was closed, or a transaction was used after it had ended. */
export class StorageClosedError extends Error {
  override readonly name = 'StorageClosedError'
}

/** This process cannot know that what it cached is current: it must refuse to answer. */
export class StaleChangesError extends Error {
  override readonly name = 'StaleChangesError'
}

/** This release and this database do not go together: not any more, or not before others are upgraded. */
export class SchemaVersionError extends Error {
  override readonly name = 'SchemaVersionError'
}
