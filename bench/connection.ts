// One keep-alive connection of the generator: node:net without streams, and just enough of HTTP/1.1
// (RFC 9112) to know where an answer ends and whether it is a good one.
import { connect, type Socket } from 'node:net'

export type Connection = {
  send(request: Buffer): void
  close(): void
}

export type ConnectionEvents = {
  readonly opened: () => void
  /** A whole answer is there; its head is given where it is not a good one. */
  readonly answered: (status: number, head: string) => void
  readonly broken: (reason: string) => void
}

const RECEIVE_BYTES = 32 * 1024
const HEAD_END = Buffer.from('\r\n\r\n')
const LENGTH = Buffer.from('Content-Length: ')
const STATUS_AT = 9

/** Opens a connection to this machine. */
export function openConnection(port: number, events: ConnectionEvents): Connection {
  const received = Buffer.alloc(RECEIVE_BYTES)
  /** Bytes of the answer that are still to come; nothing while its head is not complete. */
  let missing: number | undefined
  let head = ''
  let status = 0
  let closed = false

  const socket: Socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: received,
      callback(bytes: number): boolean {
        take(bytes)
        return true
      },
    },
  })
  const connection: Connection = {
    send: (request) => void socket.write(request),
    close() {
      closed = true
      socket.destroy()
    },
  }
  socket.on('connect', events.opened)
  socket.on('error', (error) => breakOff(error.message))
  socket.on('close', () => breakOff('the server closed the connection'))

  function take(bytes: number): void {
    if (missing === undefined) {
      const chunk = received.subarray(0, bytes)
      const headEnd = chunk.indexOf(HEAD_END)
      const lengthAt = chunk.indexOf(LENGTH)
      if (headEnd === -1 || lengthAt === -1) {
        breakOff('the head of an answer came in pieces or without Content-Length')
        return
      }
      status = digits(chunk, STATUS_AT)
      head = isGood(status) ? '' : chunk.toString('latin1')
      missing = headEnd + HEAD_END.length + digits(chunk, lengthAt + LENGTH.length)
    }
    missing -= bytes
    if (missing > 0) return
    missing = undefined
    events.answered(status, head)
  }

  function breakOff(reason: string): void {
    if (closed) return
    connection.close()
    events.broken(reason)
  }
  return connection
}

/** Whether the request succeeded: 2xx. */
export function isGood(status: number): boolean {
  return status >= 200 && status <= 299
}

function digits(bytes: Buffer, at: number): number {
  let value = 0
  for (let index = at; ; index++) {
    const digit = (bytes[index] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return value
    value = value * 10 + digit
  }
}
