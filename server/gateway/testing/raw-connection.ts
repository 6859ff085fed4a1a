// A connection on which a test sends whatever bytes it likes, and reads what comes back as HTTP/1.1.
import { connect, type Socket } from 'node:net'

export type RawResponse = {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type RawConnection = {
  readonly socket: Socket
  send(bytes: string | Uint8Array): void
  /** The next response; `closed` where the connection ends before it, `silent` where nothing comes. */
  next(options?: { timeoutMs?: number; withoutBody?: boolean }): Promise<RawAnswer>
  isClosed(): boolean
  close(): void
}

export type RawAnswer = RawResponse | 'closed' | 'silent'

const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

export function rawConnection(endpoint: string): Promise<RawConnection> {
  const { hostname, port } = new URL(endpoint)
  let received = Buffer.alloc(0)
  let closed = false
  let wake = () => {}
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true })
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    wake()
  })
  const end = () => {
    closed = true
    wake()
  }
  socket.on('end', end)
  socket.on('close', end)
  // A reset shows as a closed connection.
  socket.on('error', end)

  function take(withoutBody: boolean): RawResponse | undefined {
    const headEnd = received.indexOf(HEAD_END)
    if (headEnd === -1) return undefined
    const response = readHead(received.toString('latin1', 0, headEnd))
    const bodyAt = headEnd + HEAD_END.length
    if (response.status === 100) {
      received = received.subarray(bodyAt)
      return take(withoutBody)
    }
    const length = withoutBody ? 0 : bodyLength(response.headers, received.subarray(bodyAt))
    if (received.length < bodyAt + length) return undefined
    const body = received.toString('utf8', bodyAt, bodyAt + length)
    received = received.subarray(bodyAt + length)
    return { ...response, body }
  }

  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () =>
      resolve({
        socket,
        send: (bytes) => socket.write(bytes),
        async next({ timeoutMs = 5000, withoutBody = false } = {}) {
          const deadlineMs = performance.now() + timeoutMs
          for (;;) {
            const response = take(withoutBody)
            if (response !== undefined) return response
            if (closed) return 'closed'
            const restMs = deadlineMs - performance.now()
            if (restMs <= 0) return 'silent'
            await new Promise<void>((done) => {
              const timer = setTimeout(done, restMs)
              wake = () => {
                clearTimeout(timer)
                done()
              }
            })
          }
        },
        isClosed: () => closed,
        close: () => socket.destroy(),
      }),
    )
  })
}

/** In chunks come only node's own answers; their body is taken as it stands, for it is of no interest. */
function bodyLength(headers: Readonly<Record<string, string>>, rest: Buffer): number {
  if (headers['transfer-encoding'] !== 'chunked') return Number(headers['content-length'] ?? 0)
  const lastChunkAt = rest.indexOf(LAST_CHUNK)
  return lastChunkAt === -1 ? Number.POSITIVE_INFINITY : lastChunkAt + LAST_CHUNK.length
}

function readHead(text: string): Omit<RawResponse, 'body'> {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine) ?? []
  if (status === undefined) throw new Error(`no HTTP answer: ${text.slice(0, 500)}`)
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const at = line.indexOf(':')
    headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim()
  }
  return { status: Number(status), headers }
}
