// One HTTP request and its response: reads the body within bounds, writes the answer once.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Origin } from '../contract/call.ts'
import { randomUuid } from '../crypto/random.ts'
import type { Route } from './router.ts'
import type { Reply } from './wire/codec.ts'

export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string = randomUuid()
  readonly startedAtMs: number = performance.now()
  body: Buffer = EMPTY
  route: Route | undefined = undefined

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.response = response
  }

  /** Collects the body, then calls `done`; calls `tooLarge` instead, once, where it exceeds the bound. */
  collect(maxBytes: number, done: () => void, tooLarge: () => void): void {
    const { request } = this
    const chunks: Buffer[] = []
    let size = 0
    if (Number(request.headers['content-length']) > maxBytes) {
      tooLarge()
      return
    }
    request.on('data', (chunk: Buffer) => {
      if (size > maxBytes) return
      size += chunk.length
      if (size > maxBytes) tooLarge()
      else chunks.push(chunk)
    })
    request.on('end', () => {
      if (size > maxBytes) return
      this.body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
      done()
    })
  }

  origin(): Origin {
    const { socket, headers } = this.request
    const tls = 'encrypted' in socket ? (socket as TLSSocket) : undefined
    return {
      ipAddress: socket.remoteAddress ?? '',
      userAgent: headers['user-agent'] ?? '',
      host: headers.host ?? '',
      tls: tls && { version: tls.getProtocol() ?? '', cipherSuite: tls.getCipher().name },
    }
  }

  reply({ status, contentType, body }: Reply): void {
    // Text of one byte per character is written as it stands, which is cheaper than encoding it.
    const encoding = NOT_ASCII.test(body) ? 'utf8' : 'latin1'
    this.response.writeHead(status, [
      'x-amzn-RequestId',
      this.id,
      'Content-Type',
      contentType,
      'Content-Length',
      String(Buffer.byteLength(body, encoding)),
    ])
    this.response.end(body, encoding)
  }

  /** Answers without having read the body, and lets go of the connection. */
  replyAndClose(reply: Reply): void {
    this.response.shouldKeepAlive = false
    this.reply(reply)
    // What the sender is still sending is thrown away for a moment, so that it gets to read the answer.
    this.request.resume()
    setTimeout(() => this.request.socket.destroy(), 1000).unref()
  }
}

const EMPTY = Buffer.alloc(0)
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the characters that are ASCII.
const NOT_ASCII = /[^\x00-\x7f]/
