// Stands between a client and PostgreSQL and can fall silent, as a network does that loses its packets.

import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Place } from '../storage.ts'

type StallingProxy = {
  /** The same database, by way of the proxy. */
  readonly place: Place
  /** From now on nothing passes, on the connections there are and on new ones; none is closed. */
  stall(): void
  /** Breaks the connections there are, as a machine does that loses its power. */
  cut(): void
  /** New connections pass again. Those that were stalled stay silent for ever. */
  recover(): void
}

/** Starts a proxy before the server of `postgresUrl`; it ends with the test. */
export async function stallingProxy(postgresUrl: string): Promise<StallingProxy> {
  const target = new URL(postgresUrl)
  const sockets = new Set<Socket>()
  let stalled = false

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    if (stalled) return
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })

  const address = server.address()
  const url = new URL(postgresUrl)
  url.port = typeof address === 'object' && address ? String(address.port) : ''
  return {
    place: { postgresUrl: url.href },
    stall() {
      stalled = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    recover() {
      stalled = false
    },
  }
}
