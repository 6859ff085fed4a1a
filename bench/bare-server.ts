// The yardstick: a bare node:http server that reads the same body and answers as many bytes with the
// same headers as Keyhold does, and does nothing else.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BareReply, takeOrders } from './messages.ts'

let reply: BareReply = { contentType: 'application/x-amz-json-1.1', body: '{}' }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.writeHead(200, {
      'x-amzn-RequestId': randomUUID(),
      'Content-Type': reply.contentType,
      'Content-Length': reply.body.length,
    })
    response.end(reply.body)
  })
})

server.listen(0, '127.0.0.1', () => {
  takeOrders<BareReply, number>((order) => {
    reply = order
    return (server.address() as AddressInfo).port
  })
})
