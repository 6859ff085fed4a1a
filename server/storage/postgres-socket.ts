// Opens a socket to a PostgreSQL server, encrypted when asked for, ready for the startup message.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL

import { once } from 'node:events'
import { connect as connectPlainly, isIP, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectEncrypted } from 'node:tls'
import type { PostgresHost } from './postgres-address.ts'

/** Length 8, then the number that asks for TLS in the place of a protocol version. */
const encryptionRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** Fails, and leaves nothing open, when the server has not accepted within `timeoutMs`. */
export async function openPostgresSocket(
  { host, port }: PostgresHost,
  tls: false | ConnectionOptions,
  timeoutMs: number,
): Promise<Socket> {
  const plain = host.startsWith('/')
    ? connectPlainly({ path: join(host, `.s.PGSQL.${port}`) })
    : connectPlainly({ host, port, noDelay: true })
  const late = new Error(`${host}:${port} did not accept a connection in time`)
  const limit = setTimeout(() => plain.destroy(late), timeoutMs)
  try {
    await once(plain, 'connect')
    return tls ? await encrypt(plain, host, tls) : plain
  } catch (error) {
    plain.destroy()
    throw error
  } finally {
    clearTimeout(limit)
  }
}

async function encrypt(plain: Socket, host: string, tls: ConnectionOptions): Promise<Socket> {
  plain.write(encryptionRequest)
  const [answer]: Buffer[] = await Promise.race([
    once(plain, 'data'),
    once(plain, 'close').then(() => []),
  ])
  // Anything after the S would have been slipped in unencrypted (CVE-2021-23222).
  if (answer?.toString('latin1') !== 'S') throw new Error(`${host} does not offer encryption`)
  // The certificate is checked against `host`; a server name, in TLS, cannot be an address.
  const name = isIP(host) ? {} : { servername: host }
  const socket = connectEncrypted({ ...tls, ...name, host, socket: plain })
  await once(socket, 'secureConnect')
  return socket
}
