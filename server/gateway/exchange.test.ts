// Bodies and connections: what is read within which bounds, and how a connection goes on or ends.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { requestBytes } from './testing/parsed-requests.ts'
import { rawConnection } from './testing/raw-connection.ts'
import {
  answerTo,
  kmsAnswer,
  kmsRequest,
  required,
  signedBytes,
  signerOf,
} from './testing/raw-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

const listKeys = () => kmsRequest(server, 'ListKeys', '{}')
const stillAnswers = async () =>
  expect((await kmsAnswer(server, 'ListKeys', '{}')).status).toBe(200)

describe('a body', () => {
  const MEGABYTE = 1024 * 1024

  it('that is announced as larger than any request is refused unread, and the connection closed', async () => {
    const connection = await rawConnection(server.endpoint)
    const [head] = signedBytes(server, kmsRequest(server, 'Encrypt', '{}'), signerOf(server))
      .toString('latin1')
      .split('\r\n\r\n')
    const announced = (head as string).replace(
      /Content-Length: \d+/,
      `Content-Length: ${10 * MEGABYTE}`,
    )
    connection.send(`${announced}\r\n\r\n`)
    const answer = required(await connection.next())
    expect(answer.status).toBe(413)
    expect(JSON.parse(answer.body)).toEqual({
      __type: 'RequestEntityTooLargeException',
      message: 'The request body is larger than 1048576 bytes.',
    })
    expect(answer.headers.connection).toBe('close')
    expect(await connection.next()).toBe('closed')
    connection.close()
    await stillAnswers()
  })

  it('that is refused may be sent to its end, so that its sender gets to read why', async () => {
    const connection = await rawConnection(server.endpoint)
    const body = Buffer.alloc(10 * MEGABYTE, 'a')
    const bytes = signedBytes(server, kmsRequest(server, 'Encrypt', body))
    const bodyAt = bytes.length - body.length
    connection.send(bytes.subarray(0, bodyAt + 1))
    expect(required(await connection.next()).status).toBe(413)
    const failure = await new Promise((resolve) =>
      connection.socket.write(bytes.subarray(bodyAt + 1), resolve),
    )
    expect(failure ?? undefined).toBeUndefined()
    expect(await connection.next()).toBe('closed')
    connection.close()
    await stillAnswers()
  })

  it('of 10 MB is refused, and the connection closed', async () => {
    const connection = await rawConnection(server.endpoint)
    connection.send(
      signedBytes(server, kmsRequest(server, 'Encrypt', Buffer.alloc(10 * MEGABYTE, 'a'))),
    )
    expect(required(await connection.next()).status).toBe(413)
    expect(await connection.next()).toBe('closed')
    connection.close()
    await stillAnswers()
  })

  it('of 10 MB in chunks, which announces no length, is refused, and the connection closed', async () => {
    const connection = await rawConnection(server.endpoint)
    const request = kmsRequest(server, 'Encrypt', '')
    const chunked = {
      ...request,
      headers: [...request.headers, ['Transfer-Encoding', 'chunked'] as const],
    }
    connection.send(signedBytes(server, chunked))
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
    for (let sent = 0; sent < 160 && !connection.isClosed(); sent++) connection.send(chunk)
    expect(required(await connection.next()).status).toBe(413)
    expect(await connection.next()).toBe('closed')
    connection.close()
    await stillAnswers()
  })

  it('of exactly the largest size is read', async () => {
    const padding = ' '.repeat(MEGABYTE - '{}'.length)
    expect((await kmsAnswer(server, 'ListKeys', `{}${padding}`)).status).toBe(200)
    expect((await kmsAnswer(server, 'ListKeys', `{}${padding} `)).status).toBe(413)
  })

  it('in chunks is taken together, and its signature verified over the whole', async () => {
    const request = kmsRequest(server, 'ListKeys', '{"Limit":1}')
    const bytes = signedBytes(server, request).toString('latin1')
    const head = (bytes.split('\r\n\r\n')[0] as string).replace(
      /Content-Length: \d+/,
      'Transfer-Encoding: chunked',
    )
    const chunks = '5\r\n{"Lim\r\n6\r\nit":1}\r\n0\r\n\r\n'
    expect(required(await answerTo(server, `${head}\r\n\r\n${chunks}`)).status).toBe(200)
    const changed = chunks.replace(':1}', ':2}')
    expect(required(await answerTo(server, `${head}\r\n\r\n${changed}`)).body).toContain(
      'InvalidSignatureException',
    )
  })

  it('that comes slowly is waited for', async () => {
    const connection = await rawConnection(server.endpoint)
    const bytes = signedBytes(server, listKeys())
    for (const part of [bytes.subarray(0, 20), bytes.subarray(20, -1), bytes.subarray(-1)]) {
      connection.send(part)
      await delay(50)
    }
    expect(required(await connection.next()).status).toBe(200)
    connection.close()
  })

  it('that its sender gives up in the middle is forgotten', async () => {
    for (const cut of [10, -20, -1]) {
      const connection = await rawConnection(server.endpoint)
      connection.send(signedBytes(server, kmsRequest(server, 'CreateKey', '{}')).subarray(0, cut))
      await delay(10)
      connection.socket.resetAndDestroy()
    }
    await stillAnswers()
  })

  it('that its sender ends in the middle is not performed', async () => {
    const { body: before } = await kmsAnswer(server, 'ListKeys', '{}')
    const connection = await rawConnection(server.endpoint)
    connection.socket.end(
      signedBytes(server, kmsRequest(server, 'CreateKey', '{}')).subarray(0, -1),
    )
    const answer = await connection.next()
    expect(answer === 'closed' || required(answer).status === 400).toBe(true)
    connection.close()
    expect((await kmsAnswer(server, 'ListKeys', '{}')).body).toBe(before)
  })

  it('with two lengths, or a length and chunks, is refused and closes the connection', async () => {
    const [head] = signedBytes(server, listKeys()).toString('latin1').split('\r\n\r\n')
    for (const extra of ['Content-Length: 3', 'Transfer-Encoding: chunked']) {
      const connection = await rawConnection(server.endpoint)
      connection.send(`${head}\r\n${extra}\r\n\r\n{}`)
      expect(required(await connection.next()).status).toBe(400)
      expect(await connection.next()).toBe('closed')
      connection.close()
    }
  })
})

describe('a connection', () => {
  it('answers pipelined requests in their order', async () => {
    const connection = await rawConnection(server.endpoint)
    const operations = ['ListKeys', 'Decrypt', 'GenerateRandom', 'ListKeys', 'Encrypt']
    const bodies = ['{}', '{}', '{"NumberOfBytes":8}', '{"Limit":0}', 'x']
    connection.send(
      Buffer.concat(
        operations.map((name, at) =>
          signedBytes(server, kmsRequest(server, name, bodies[at] ?? '')),
        ),
      ),
    )
    const answers = []
    for (const _ of operations) answers.push(required(await connection.next()).body)
    expect(answers[0]).toContain('"Keys"')
    expect(answers[1]).toContain("Value null at 'ciphertextBlob'")
    expect(answers[2]).toContain('"Plaintext"')
    expect(answers[3]).toContain('ValidationException')
    expect(answers[4]).toContain('SerializationException')
    connection.close()
  })

  it('does not answer the next pipelined request with the credentials of the one before', async () => {
    const connection = await rawConnection(server.endpoint)
    connection.send(signedBytes(server, listKeys()))
    connection.send(requestBytes(listKeys()))
    expect(required(await connection.next()).status).toBe(200)
    expect(required(await connection.next()).body).toContain('MissingAuthenticationToken')
    connection.close()
  })

  it('is closed after an unknown operation, whose body nobody reads', async () => {
    const connection = await rawConnection(server.endpoint)
    connection.send(signedBytes(server, kmsRequest(server, 'NoSuchThing', '{}')))
    connection.send(signedBytes(server, listKeys()))
    expect(required(await connection.next()).body).toContain('UnknownOperationException')
    expect(await connection.next()).toBe('closed')
    connection.close()
  })

  it('is kept for a hundred requests, good and bad ones', async () => {
    const connection = await rawConnection(server.endpoint)
    for (let count = 0; count < 50; count++) {
      connection.send(signedBytes(server, listKeys()))
      expect(required(await connection.next()).status).toBe(200)
      connection.send(signedBytes(server, kmsRequest(server, 'Encrypt', '{"KeyId":1}')))
      expect(required(await connection.next()).status).toBe(400)
    }
    connection.close()
  })

  it('is closed where the request asks for that', async () => {
    const connection = await rawConnection(server.endpoint)
    connection.send(
      signedBytes(server, listKeys(), signerOf(server), (headers) => [
        ...headers,
        ['Connection', 'close'],
      ]),
    )
    expect(required(await connection.next()).status).toBe(200)
    expect(await connection.next()).toBe('closed')
    connection.close()
  })

  it.each([
    ['one header of 20 kB', [['X-Large', 'a'.repeat(20_000)]], 431],
    ['thousands of headers', Array.from({ length: 3000 }, (_, at) => [`a${at}`, '']), 431],
  ] as const)('with %s is refused', async (_what, extra, status) => {
    const bytes = signedBytes(server, listKeys(), signerOf(server), (headers) => [
      ...headers,
      ...(extra as unknown as [string, string][]),
    ])
    const answer = required(await answerTo(server, bytes))
    expect(answer.status).toBe(status)
    await stillAnswers()
  })

  it('that talks anything but HTTP is closed', async () => {
    for (const bytes of [
      randomBytes(500),
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'HELO\r\n\r\n',
    ]) {
      const connection = await rawConnection(server.endpoint)
      connection.send(bytes)
      const answer = await connection.next()
      expect(answer === 'closed' || required(answer).status === 400).toBe(true)
      connection.close()
    }
    await stillAnswers()
  })
})
