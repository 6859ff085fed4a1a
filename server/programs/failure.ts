// How a program of the server that failed ends: with a sentence where there is something to do about it.
import { findFault } from '../fault.ts'
import { DirectoryInUseError } from '../storage/directory-lock.ts'
import {
  DatabaseUnreachableError,
  SchemaVersionError,
  StorageBusyError,
} from '../storage/storage.ts'
import { refuse } from './refusal.ts'

/** Exit code: trying again may help. */
const UNREACHABLE = 3

/** Ends the process, or throws again what is a bug. */
export function endFailed(error: unknown): never {
  if (error instanceof DatabaseUnreachableError) {
    refuse(
      `The database cannot be reached: ${error.message}. Is it running, and does the URL name the right host, user and sslmode? keyhold doctor looks at it.`,
      UNREACHABLE,
    )
  }
  const isToldPlainly = [StorageBusyError, SchemaVersionError, DirectoryInUseError].some(
    (kind) => error instanceof kind,
  )
  const { code, path, address, port, message } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  const isTaken = code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'
  const isAnothers = (code === 'EACCES' || code === 'EPERM') && path !== undefined
  const fault = isAnothers ? 'this user may not' : findFault(error)
  if (!isToldPlainly && !isTaken && fault === undefined) throw error
  if (isTaken) {
    refuse(
      `${address}:${port} cannot be listened on (${code}): something else uses it, or it is not an address of this machine. Choose another --listen.`,
    )
  }
  if (isToldPlainly) refuse(message)
  refuse(
    `The files cannot be written or read: ${fault} (${message}). keyhold doctor looks at them; nothing is lost by starting again once that is mended.`,
  )
}
