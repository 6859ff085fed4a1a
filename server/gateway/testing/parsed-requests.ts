// Requests as node:http parses them from the wire: what the verifier really gets to see.
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { SignedRequest } from '../sigv4/canonical-request.ts'
import type { Header, Unsigned } from './signer.ts'

export type RequestParser = {
  /** The request as node gives it to a server; throws where node refuses it. */
  parse(request: Unsigned): Promise<SignedRequest>
  close(): Promise<void>
}

export async function requestParser(): Promise<RequestParser> {
  let arrived: (request: SignedRequest) => void = () => {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.end()
      arrived(signedRequest(request, Buffer.concat(chunks)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    parse: (request) =>
      new Promise((resolve, reject) => {
        arrived = resolve
        const socket = connect(port, '127.0.0.1', () => socket.end(requestBytes(request)))
        let answer = ''
        socket.on('data', (chunk) => {
          answer += chunk.toString('latin1')
        })
        // After a parsed request the promise is kept already and this changes nothing.
        socket.on('close', () => reject(new Error(`refused by the parser: ${answer.slice(0, 60)}`)))
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The request as bytes of HTTP/1.1; Content-Length is added where there is a body and no such header. */
export function requestBytes({ method, target, headers, body }: Unsigned): Buffer {
  const bytes = Buffer.from(body)
  const framed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
  const all: readonly Header[] =
    framed || bytes.length === 0 ? headers : [...headers, ['Content-Length', String(bytes.length)]]
  const head = `${method} ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

function signedRequest(request: IncomingMessage, body: Buffer): SignedRequest {
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    body,
  }
}
