// One server per data directory: a lock that the operating system takes back when its holder dies,
// however it dies. SQLite's own file lock serves, since node has no other.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isSqliteBusy } from './sqlite-database.ts'

/** The directory is in use by another process. */
export class DirectoryInUseError extends Error {}

/** Takes the lock; it is held until the returned function is called or the process ends. */
export function lockDirectory(directory: string): () => void {
  const database = new DatabaseSync(join(directory, 'lock'))
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!isSqliteBusy(error)) throw error
    throw new DirectoryInUseError(
      `Another server is running on ${directory}. Stop it first, or give this one another --data.`,
    )
  }
  held.add(database)
  return () => {
    held.delete(database)
    database.close()
  }
}

/** Whether a process holds the lock; takes none itself. */
export function isDirectoryLocked(directory: string): boolean {
  const file = join(directory, 'lock')
  if (!existsSync(file)) return false
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    database.prepare('PRAGMA schema_version').get()
    return false
  } catch {
    return true
  } finally {
    database.close()
  }
}

/** Keeps the locks from the garbage collector, which would let go of them. */
const held = new Set<DatabaseSync>()
