// What went wrong beneath the server, in words for an operator: by error numbers alone, since whoever
// reads /health is nobody we know, and messages may hold paths and addresses.
import { StaleChangesError } from './storage/storage.ts'

/** Result codes of SQLite, https://www.sqlite.org/rescode.html: extended ones, or their low byte. */
const SQLITE_CODES = new Map([
  // SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log.
  [4874, 'the disk is full'],
  [8, 'the file system is read-only'],
  [10, 'the disk fails to read or write'],
  [13, 'the disk is full'],
  [14, 'a file cannot be opened'],
])
const CODES = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EROFS', 'the file system is read-only'],
  ['EIO', 'the disk fails to read or write'],
  ['EMFILE', 'there are no file descriptors left'],
  ['ENFILE', 'there are no file descriptors left'],
  // PostgreSQL, https://www.postgresql.org/docs/current/errcodes-appendix.html
  ['53100', 'the disk of the database is full'],
  ['25006', 'the database is read-only'],
])

/** The cause in words, or nothing where it is none of the disk's. */
export function findFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown }
  const told =
    typeof errcode === 'number'
      ? (SQLITE_CODES.get(errcode) ?? SQLITE_CODES.get(errcode & 0xff))
      : CODES.get(String(code))
  return told ?? findFault(error.cause)
}

/** The cause in words, whatever it is. */
export function faultOf(error: unknown): string {
  if (error instanceof StaleChangesError) return 'the change feed of the database cannot be read'
  return findFault(error) ?? 'it fails: see the log, and keyhold doctor'
}
