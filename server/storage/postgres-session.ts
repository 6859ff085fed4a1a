// One connection to the primary PostgreSQL server, from its opening to its end; it is never revived.
// postgres 3.4.9 crashes the process, hangs or leaves a transaction when it reuses a connection that
// broke (porsager/postgres issues 1199, 1208), so each session is a client of its own, with one
// connection, and sends one statement at a time.

import type { Socket } from 'node:net'
import postgres from 'postgres'
import type { CompleteSettings } from './contract.ts'
import { ConnectionLostError, DatabaseUnreachableError } from './errors.ts'
import type { PostgresAddress, PostgresHost } from './postgres-address.ts'
import { postgresClient } from './postgres-client.ts'

type PostgresRow = Record<string, unknown>
export type PostgresResult = PostgresRow[] & { readonly command: string; readonly count: number }

export type PostgresSession = {
  readonly isAlive: boolean
  readonly openedAtMs: number
  /**
   * Runs one statement, after those before it. Fails with ConnectionLostError once the session has
   * ended, and ends it when there is no answer within `limitMs`.
   */
  run(text: string, parameters?: readonly unknown[], limitMs?: number): Promise<PostgresResult>
  /** Ends the session at once, whatever it is doing. */
  end(): void
}

type SessionKind = { readonly readOnly: boolean }

/** Connects to the first of the hosts that is the primary, beginning with the one that was last. */
export function postgresConnector(address: PostgresAddress, settings: CompleteSettings) {
  let preferred = 0

  return async (kind: SessionKind): Promise<PostgresSession> => {
    const failures: unknown[] = []
    for (let tried = 0; tried < address.hosts.length; tried++) {
      const index = (preferred + tried) % address.hosts.length
      const host = address.hosts[index] as PostgresHost
      try {
        const session = await openSession(address, host, settings, kind)
        preferred = index
        return session
      } catch (error) {
        failures.push(error)
      }
    }
    const reasons = failures.map(reasonOf).join('; ')
    throw new DatabaseUnreachableError(
      failures.length === 1
        ? reasons
        : `no PostgreSQL server of those given is a reachable primary: ${reasons}`,
      { cause: failures[0] },
    )
  }
}

/**
 * Asks whether this is a standby, and has the server notice (from version 14 on) when a client has
 * gone in the middle of a statement: until then its locks stay.
 */
const firstStatement = `select pg_is_in_recovery() as standby, (
  select set_config(name, '1000', false) from pg_settings
  where name = 'client_connection_check_interval')`

async function openSession(
  address: PostgresAddress,
  host: PostgresHost,
  settings: CompleteSettings,
  { readOnly }: SessionKind,
): Promise<PostgresSession> {
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  let socket: Socket | undefined
  let isOpen = false
  let alive = true

  function end(reason = 'the PostgreSQL session was ended') {
    if (!alive) return
    alive = false
    lost.reject(new ConnectionLostError(reason))
    sql.end({ timeout: 0 }).catch(() => {})
    socket?.destroy()
  }

  const sql = postgresClient(address, host, settings, readOnly, {
    onSocket(opened) {
      socket = opened
    },
    onClose: () => end('the connection to PostgreSQL was lost'),
  })

  async function runNow(text: string, parameters: readonly unknown[], limitMs: number) {
    if (!alive) throw new ConnectionLostError('the connection to PostgreSQL was lost')
    // The server ends a statement that takes too long; a server that cannot be reached does not.
    const late = () => end('PostgreSQL did not answer in time')
    const limit = limitMs < Infinity ? setTimeout(late, limitMs) : undefined
    try {
      const options = { prepare: true, simple: false }
      const statement = sql.unsafe(text, parameters as never[], options)
      return (await Promise.race([statement, lost.promise])) as unknown as PostgresResult
    } catch (error) {
      if (!isOpen || !breaksConnection(error)) throw error
      end()
      throw new ConnectionLostError('the connection to PostgreSQL was lost', { cause: error })
    } finally {
      clearTimeout(limit)
    }
  }

  let turn: Promise<unknown> = Promise.resolve()
  const session: PostgresSession = {
    get isAlive() {
      return alive
    },
    openedAtMs: performance.now(),
    run(text, parameters = [], limitMs = settings.statementTimeoutMs + 1000) {
      const result = turn.then(() => runNow(text, parameters, limitMs))
      turn = result.catch(() => {})
      return result
    },
    end,
  }

  try {
    const [row] = await runNow(firstStatement, [], settings.connectTimeoutMs)
    if (row?.standby) throw new Error(`${host.host}:${host.port} is a standby, not the primary`)
    isOpen = true
    return session
  } catch (error) {
    end()
    throw error
  }
}

/** A name with several addresses fails with an error that has a code alone. */
function reasonOf(failure: unknown): string {
  const { message, code } = failure as NodeJS.ErrnoException
  return message || String(code)
}

/** Whether it is not one statement that failed but the connection: nothing more will pass on it. */
function breaksConnection(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity !== 'ERROR'
  // The client's own errors about connections carry an `errno`, as those of the system do.
  return error instanceof Error && 'errno' in error
}
