// The port that callers reach: an HTTP or HTTPS server with its bounds.
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ServiceUnavailableException } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { GatewayParts, Receive } from './gateway.ts'
import { jsonError } from './wire/aws-json.ts'

export type Tls = { readonly cert: Buffer; readonly key: Buffer }

const OPTIONS = {
  maxHeaderSize: 16 * 1024,
  requestTimeout: 30_000,
  headersTimeout: 30_000,
  keepAliveTimeout: 75_000,
}
const DRAIN_DEADLINE_MS = 15_000

/** Listens on the address; resolves with the server and its port, which is another one where 0 was asked. */
export async function listen(
  { host, port, tls }: { host: string; port: number; tls: Tls | undefined },
  receive: Receive,
): Promise<{ server: Server; port: number }> {
  const server =
    tls === undefined
      ? createServer(OPTIONS, receive)
      : createTlsServer({ ...OPTIONS, ...tls, minVersion: 'TLSv1.2' }, receive)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** Stops listening and lets requests under way end; connections without one are closed. */
export async function closeListener(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_DEADLINE_MS)
  await new Promise<void>((resolve) => server.close(() => resolve()))
  clearInterval(sweep)
  clearTimeout(deadline)
}

/** Answers callers while the server is sealed or still starting: not yet. */
export function notYet(other: GatewayParts['other']): Receive {
  return (request, response) => {
    if (other(request, response)) return
    new Exchange(request, response).replyAndClose(jsonError(new ServiceUnavailableException()))
  }
}
