// One HTTP request and its response: reads the body within bounds, writes the answer once.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Origin } from '../contract/call.ts'
import { randomUuid } from '../crypto/random.ts'
import { type BodyBudget, CHUNK_OVERHEAD_BYTES } from './body-budget.ts'
import type { Route } from './router.ts'
import type { SourceAddress } from './source-address.ts'
import type { Reply } from './wire/codec.ts'

/** What becomes of bodies, the same for every exchange of a listener. */
export type BodyHandler = {
  readonly budget: BodyBudget
  /** The whole body is there. */
  done(exchange: Exchange): void
  /** It exceeds its bound, or the budget has no room for it; called once, in place of `done`. */
  refuse(exchange: Exchange, why: 'too large' | 'no room', maxBytes: number): void
}

export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string = randomUuid()
  readonly startedAtMs: number = performance.now()
  body: Buffer = EMPTY
  route: Route | undefined = undefined
  #budget: BodyBudget | undefined = undefined
  #heldBytes = 0
  #isRefused = false
  /** There was no room for the body: what else comes of it is not waited for. */
  #hasNoRoom = false
  /** The pieces of a body that comes in several. */
  #chunks: Buffer[] | undefined = undefined

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.response = response
  }

  /** Collects the body for the handler. It counts against the budget until `release`. */
  collect(maxBytes: number, handler: BodyHandler): void {
    const { request } = this
    const announced = Number(request.headers['content-length'])
    if (announced > maxBytes) {
      handler.refuse(this, 'too large', maxBytes)
      return
    }
    const { budget } = handler
    this.#budget = budget
    let size = 0
    request.on('data', (chunk: Buffer) => {
      if (this.#isRefused) return
      // One that comes in pieces may never be finished.
      if (size === 0 && chunk.length !== announced) request.once('close', () => this.release())
      size += chunk.length
      this.#heldBytes += chunk.length + CHUNK_OVERHEAD_BYTES
      budget.heldBytes += chunk.length + CHUNK_OVERHEAD_BYTES
      const isTooLarge = size > maxBytes
      if (isTooLarge || budget.heldBytes > budget.maxBytes) {
        this.#isRefused = true
        this.#hasNoRoom = !isTooLarge
        this.#chunks = undefined
        this.body = EMPTY
        this.release()
        handler.refuse(this, isTooLarge ? 'too large' : 'no room', maxBytes)
      } else {
        this.#keep(chunk)
      }
    })
    request.on('end', () => {
      if (this.#isRefused) return
      if (this.#chunks !== undefined) this.body = Buffer.concat(this.#chunks)
      this.#chunks = undefined
      handler.done(this)
    })
  }

  /** Most bodies come in one piece. */
  #keep(chunk: Buffer): void {
    if (this.#chunks !== undefined) this.#chunks.push(chunk)
    else if (this.body === EMPTY) this.body = chunk
    else this.#chunks = [this.body, chunk]
  }

  /** Says that the body is no stranger's any more, or is not held any more. */
  release(): void {
    if (this.#budget !== undefined) this.#budget.heldBytes -= this.#heldBytes
    this.#heldBytes = 0
  }

  origin(sourceAddress: SourceAddress): Origin {
    const { socket, headers } = this.request
    const tls = 'encrypted' in socket ? (socket as TLSSocket) : undefined
    return {
      ipAddress: sourceAddress(this.request),
      userAgent: headers['user-agent'] ?? '',
      host: headers.host ?? '',
      tls: tls && { version: tls.getProtocol() ?? '', cipherSuite: tls.getCipher().name },
    }
  }

  reply(reply: Reply): void {
    this.response.end(reply.body, this.#begin(reply))
  }

  /** Writes the head; answers the encoding of the body. */
  #begin({ status, contentType, body }: Reply): 'utf8' | 'latin1' {
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
    return encoding
  }

  /** Answers without having read the body, and lets go of the connection. */
  replyAndClose(reply: Reply): void {
    const { request, response } = this
    response.shouldKeepAlive = false
    if (request.complete || this.#hasNoRoom) {
      this.reply(reply)
      request.resume()
      return
    }
    // What the sender is still sending is thrown away for a moment, so that it gets to read the answer:
    // Node.js closes the connection as soon as the response ends, and unread bytes would then reset it.
    response.write(reply.body, this.#begin(reply))
    request.once('end', () => response.end())
    request.resume()
    setTimeout(() => request.socket.destroy(), 1000).unref()
  }
}

const EMPTY = Buffer.alloc(0)
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the characters that are ASCII.
const NOT_ASCII = /[^\x00-\x7f]/
