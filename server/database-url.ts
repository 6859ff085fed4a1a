// The database URL as an operator gives it: how it is protected on the way has to be said.
import { isLoopback } from './listen-config.ts'
import { OperatorError } from './operator-error.ts'
import { readPostgresUrl } from './storage/postgres-address.ts'

/**
 * Throws where the URL cannot be read, or leads over a network without saying how. Its password and
 * every answer would travel in the clear, and who answers could be anybody.
 */
export function requireSafeDatabaseUrl(url: string): void {
  const unsafe = hostsOf(url).find((host) => !host.startsWith('/') && !isLoopback(host))
  if (unsafe === undefined || new URLSearchParams(url.split('?')[1]).has('sslmode')) return
  throw new OperatorError(
    `The database URL leads to ${unsafe} without an sslmode. Add sslmode=verify-full (with sslrootcert=FILE where its authority is your own), or sslmode=disable where the network itself is protected.`,
  )
}

function hostsOf(url: string): readonly string[] {
  try {
    return readPostgresUrl(url).hosts.map(({ host }) => host)
  } catch (error) {
    throw new OperatorError(`--database: ${(error as Error).message}.`)
  }
}
