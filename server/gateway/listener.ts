// The port that callers reach: an HTTP or HTTPS server with its bounds. What is done for somebody whose
// signature was not verified yet is bounded here and in `body-budget.ts`.
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { AwsError } from '../contract/errors.ts'
import { RequestHeaderFieldsTooLargeException, ServiceUnavailableException } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { GatewayParts, Receive } from './gateway.ts'
import { loadTls, type TlsFiles } from './tls-files.ts'
import { jsonError } from './wire/aws-json.ts'

export type ListenerParts = {
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles | undefined
  readonly maxConnections: number
  /** Told of each connection that was closed because there were too many. */
  readonly onDropped: () => void
}

export type Listener = {
  /** Another one where 0 was asked. */
  readonly port: number
  /** Takes the TLS files as they are now for new connections; throws, and changes nothing, where they are broken. */
  reloadTls(): void
  /** Stops listening and lets requests under way end; connections without one are closed. */
  close(): Promise<void>
}

export const BOUNDS = {
  maxHeaderSize: 16 * 1024,
  /** For the headers; a connection that says nothing counts, too. */
  headersTimeout: 15_000,
  /** For headers and body. */
  requestTimeout: 30_000,
  /** How often the two are looked at. */
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 75_000,
  handshakeTimeout: 10_000,
}
const MAX_HEADERS = 100
const DRAIN_DEADLINE_MS = 15_000

export async function listen(
  parts: ListenerParts,
  receive: Receive,
  bounds: typeof BOUNDS = BOUNDS,
): Promise<Listener> {
  const { host, port, tls, maxConnections, onDropped } = parts
  const bounded: RequestListener = (request, response) => {
    if (request.rawHeaders.length <= 2 * MAX_HEADERS) receive(request, response)
    else refuse(new Exchange(request, response), new RequestHeaderFieldsTooLargeException())
  }
  const server =
    tls === undefined ? createServer(bounds, bounded) : serverWithTls(tls, bounds, bounded)
  // One more than is allowed: Node.js drops silently what exceeds its own bound.
  server.maxHeadersCount = MAX_HEADERS + 1
  server.maxConnections = maxConnections
  // Otherwise full workers would hand a connection around among themselves for ever.
  Object.assign(server, { dropMaxConnection: true })
  server.on('drop', onDropped)
  await listening(server, port, host)
  return {
    port: (server.address() as AddressInfo).port,
    reloadTls() {
      if (tls !== undefined) (server as TlsServer).setSecureContext(loadTls(tls).options)
    },
    close: () => close(server),
  }
}

/** Answers callers while the server is sealed or still starting: not yet. */
export function notYet(other: GatewayParts['other']): Receive {
  return (request, response) => {
    if (other(request, response)) return
    refuse(new Exchange(request, response), new ServiceUnavailableException())
  }
}

export function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function serverWithTls(tls: TlsFiles, bounds: object, receive: RequestListener): Server {
  const isAsked = tls.clientCaFile !== undefined
  const clients = { requestCert: isAsked, rejectUnauthorized: isAsked }
  return createTlsServer({ ...bounds, ...clients, ...loadTls(tls).options }, receive)
}

async function close(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_DEADLINE_MS)
  await new Promise<void>((resolve) => server.close(() => resolve()))
  clearInterval(sweep)
  clearTimeout(deadline)
}

function refuse(exchange: Exchange, error: AwsError): void {
  exchange.replyAndClose(jsonError(error))
}
