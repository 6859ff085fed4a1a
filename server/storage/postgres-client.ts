// Sets up the `postgres` client for one connection to one server. Everything is given explicitly, so
// that it takes nothing from the PG* variables of the environment.

import type { Socket } from 'node:net'
import postgres from 'postgres'
import type { CompleteSettings } from './contract.ts'
import type { PostgresAddress, PostgresHost } from './postgres-address.ts'
import { openPostgresSocket } from './postgres-socket.ts'

type ClientOptions = postgres.Options<{ wholeNumber: postgres.PostgresType<number> }>

/** What its owner hears of the connection: the socket when it is open, and its end. */
type Watch = { onSocket(socket: Socket): void; onClose(): void }

/** Makes a client; it connects at its first statement. Dispose of it when its connection has ended. */
export function postgresClient(
  address: PostgresAddress,
  host: PostgresHost,
  settings: CompleteSettings,
  readOnly: boolean,
  { onSocket, onClose }: Watch,
) {
  return postgres({
    ...clientOptions(address, host, settings, readOnly),
    onclose: onClose,
    async socket() {
      const socket = await openPostgresSocket(host, address.tls, settings.connectTimeoutMs)
      onSocket(socket)
      return socket
    },
  } as ClientOptions)
}

function clientOptions(
  address: PostgresAddress,
  { host, port }: PostgresHost,
  settings: CompleteSettings,
  readOnly: boolean,
) {
  return {
    host,
    port,
    user: address.user,
    password: address.password,
    database: address.database,
    // The socket comes encrypted already.
    ssl: false,
    max: 1,
    connect_timeout: settings.connectTimeoutMs / 1000,
    idle_timeout: 0,
    max_lifetime: 0,
    keep_alive: 10,
    fetch_types: false,
    prepare: true,
    debug: false,
    onnotice: () => {},
    connection: {
      application_name: 'keyhold',
      statement_timeout: settings.statementTimeoutMs,
      idle_in_transaction_session_timeout: 60_000,
      default_transaction_isolation: 'read committed',
      default_transaction_read_only: readOnly,
      client_min_messages: 'warning',
    },
    types: {
      wholeNumber: { to: 20, from: [20], parse: parseWholeNumber, serialize: String },
    },
  } satisfies ClientOptions
}

/** int8 as a number: all of ours fit, and one that does not is a bug rather than a rounded value. */
function parseWholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError('an int8 is beyond 2^53 - 1')
  return number
}
