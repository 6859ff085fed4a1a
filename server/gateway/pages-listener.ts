// A listener of its own for /health and /metrics, plain HTTP, for networks that callers do not reach.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayParts } from './gateway.ts'
import { listening } from './listener.ts'

export type PagesListener = { readonly port: number; close(): Promise<void> }

const BOUNDS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5000,
}
const MAX_CONNECTIONS = 64

export async function listenForPages(
  address: { readonly host: string; readonly port: number },
  pages: GatewayParts['other'],
): Promise<PagesListener> {
  const server = createServer(BOUNDS, (request, response) => {
    if (pages(request, response)) return
    response.shouldKeepAlive = false
    response.writeHead(404, { 'content-type': 'text/plain' }).end('/health or /metrics\n')
  })
  server.maxConnections = MAX_CONNECTIONS
  await listening(server, address.port, address.host)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
