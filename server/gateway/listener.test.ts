// What is done for people who have not signed anything yet is bounded: connections, time, headers, bodies.
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { createBodyBudget } from './body-budget.ts'
import { Exchange } from './exchange.ts'
import { BOUNDS, type Listener, listen } from './listener.ts'
import { type RawConnection, rawConnection } from './testing/raw-connection.ts'
import { kmsAnswer, kmsRequest, required, signedBytes, signerOf } from './testing/raw-requests.ts'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close()
})

async function serve(options: { maxConnections?: number; budgetBytes?: number } = {}) {
  const dropped = { count: 0 }
  const budget = createBodyBudget(options.budgetBytes)
  const parts = {
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    maxConnections: options.maxConnections ?? 1000,
    onDropped: () => dropped.count++,
  }
  const impatient = {
    ...BOUNDS,
    headersTimeout: 300,
    requestTimeout: 600,
    connectionsCheckingInterval: 50,
  }
  const listener: Listener = await listen(
    parts,
    (request, response) => {
      new Exchange(request, response).collect(1000, {
        budget,
        done(exchange) {
          exchange.release()
          response.end('ok')
        },
        refuse(exchange, why) {
          const status = why === 'too large' ? 413 : 503
          exchange.replyAndClose({ status, contentType: 'x', body: '' })
        },
      })
    },
    impatient,
  )
  opened.push(listener)
  const endpoint = `http://127.0.0.1:${listener.port}`
  const connection = async () => {
    const made = await rawConnection(endpoint)
    opened.push(made)
    return made
  }
  return { endpoint, dropped, budget, connection }
}

const statusOf = async (connection: RawConnection) => required(await connection.next()).status

describe('A listener', () => {
  it('closes connections beyond its bound at once, counts them, and takes new ones when there is room', async () => {
    const server = await serve({ maxConnections: 2 })
    const [first, second] = [await server.connection(), await server.connection()]
    const third = await server.connection()
    expect(await third.next()).toBe('closed')
    expect(server.dropped.count).toBe(1)
    second.send(GET)
    expect(await statusOf(second)).toBe(200)
    first.close()
    await delay(50)
    const fourth = await server.connection()
    fourth.send(GET)
    expect(await statusOf(fourth)).toBe(200)
  })

  it('lets go of senders of a header that never ends (slowloris), and answers others meanwhile', async () => {
    const server = await serve()
    const slow = await Promise.all(Array.from({ length: 50 }, server.connection))
    const drip = setInterval(() => {
      for (const connection of slow) if (!connection.isClosed()) connection.send('X-A: b\r\n')
    }, 50)
    for (const connection of slow) connection.send('POST / HTTP/1.1\r\nHost: x\r\n')
    const quick = await server.connection()
    quick.send(GET)
    expect(await statusOf(quick)).toBe(200)
    const answers = await Promise.all(slow.map((connection) => connection.next()))
    clearInterval(drip)
    expect(
      new Set(answers.map((answer) => (answer === 'closed' ? answer : required(answer).status))),
    ).toEqual(new Set([408]))
  })

  it('lets go of senders of a body that never ends, and of what it held of it', async () => {
    const server = await serve()
    const slow = await Promise.all(Array.from({ length: 20 }, server.connection))
    const drip = setInterval(() => {
      for (const connection of slow) if (!connection.isClosed()) connection.send('a')
    }, 50)
    for (const connection of slow) {
      connection.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\na')
    }
    await delay(150)
    expect(server.budget.heldBytes).toBeGreaterThan(20)
    for (const connection of slow) expect(await statusOf(connection)).toBe(408)
    clearInterval(drip)
    await delay(50)
    expect(server.budget.heldBytes).toBe(0)
  })

  it('lets go of connections that say nothing', async () => {
    const server = await serve()
    const silent = await server.connection()
    const answer = await silent.next()
    expect(answer === 'closed' || required(answer).status === 408).toBe(true)
  })

  it('refuses more headers than any client sends, however short they are', async () => {
    const server = await serve()
    const withHeaders = async (count: number) => {
      const connection = await server.connection()
      connection.send(`GET / HTTP/1.1\r\nHost: x\r\n${'a:b\r\n'.repeat(count - 1)}\r\n`)
      return connection
    }
    expect(await statusOf(await withHeaders(100))).toBe(200)
    for (const count of [101, 102, 200, 2000]) {
      const connection = await withHeaders(count)
      expect(await statusOf(connection), `${count} headers`).toBe(431)
      expect(await connection.next()).toBe('closed')
    }
    const large = await server.connection()
    large.send(`GET / HTTP/1.1\r\nHost: x\r\na: ${'b'.repeat(20_000)}\r\n\r\n`)
    expect(await statusOf(large)).toBe(431)
  })
})

describe('The bodies of all senders together', () => {
  const partOf = (bytes: number) =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n${'a'.repeat(bytes)}`

  it('have a bound: who exceeds it is refused and the connection closed; the others go on', async () => {
    const server = await serve({ budgetBytes: 4000 })
    const patient = await Promise.all(Array.from({ length: 3 }, server.connection))
    for (const connection of patient) connection.send(partOf(800))
    await delay(50)
    const held = server.budget.heldBytes
    expect(held).toBeGreaterThan(2400)
    const greedy = await server.connection()
    greedy.send(partOf(800))
    expect(await statusOf(greedy)).toBe(503)
    expect(await greedy.next()).toBe('closed')
    expect(server.budget.heldBytes).toBe(held)
    for (const connection of patient) connection.send('a'.repeat(100))
    for (const connection of patient) expect(await statusOf(connection)).toBe(200)
    expect(server.budget.heldBytes).toBe(0)
  })

  it('count for what they cost: one sent byte by byte costs more than its length', async () => {
    const server = await serve({ budgetBytes: 4000 })
    const connection = await server.connection()
    connection.send(partOf(0))
    for (let sent = 0; sent < 30 && !connection.isClosed(); sent++) {
      connection.send('a')
      await delay(2)
    }
    expect(await statusOf(connection)).toBe(503)
    const chunked = await server.connection()
    chunked.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    chunked.send('1\r\na\r\n'.repeat(30))
    expect(await statusOf(chunked)).toBe(503)
    expect(server.budget.heldBytes).toBe(0)
  })

  it('are forgotten when their senders go away', async () => {
    const server = await serve()
    for (let round = 0; round < 20; round++) {
      const connection = await server.connection()
      connection.send(partOf(round * 40))
      await delay(2)
      if (round % 2 === 0) connection.close()
      else connection.socket.resetAndDestroy()
    }
    await delay(50)
    expect(server.budget.heldBytes).toBe(0)
  })

  it('count no more once they are refused for their own size', async () => {
    const server = await serve()
    const connection = await server.connection()
    connection.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    connection.send(`3e8\r\n${'a'.repeat(1000)}\r\n`.repeat(3))
    expect(await statusOf(connection)).toBe(413)
    expect(server.budget.heldBytes).toBe(0)
  })
})

describe('A server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer({
      listening: { maxConnections: 5, trustedProxy: '127.0.0.0/8' },
    })
  })
  afterAll(() => server.close())

  const metric = async (name: string) => {
    const text = await (await fetch(`${server.endpoint}/metrics`)).text()
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
  }

  it('holds no bytes of bodies once they are verified or refused', async () => {
    const bad = { ...signerOf(server), secretAccessKey: 'not the secret of anybody' }
    const unknown = { ...signerOf(server), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
    for (const signer of [signerOf(server), bad, unknown]) {
      const connection = await rawConnection(server.endpoint)
      connection.send(signedBytes(server, kmsRequest(server, 'ListKeys', '{}'), signer))
      expect(required(await connection.next()).status).toBe(
        signer.accessKeyId === unknown.accessKeyId || signer === bad ? 400 : 200,
      )
      connection.close()
    }
    expect((await kmsAnswer(server, 'Encrypt', '{"KeyId":')).status).toBe(400)
    expect(await metric('keyhold_unauthenticated_body_bytes')).toBe(0)
  })

  it('tells how many connections it dropped', async () => {
    const held = await Promise.all(
      Array.from({ length: 8 }, () =>
        connect({ port: Number(new URL(server.endpoint).port), host: '127.0.0.1' }).on(
          'error',
          () => {},
        ),
      ),
    )
    await delay(100)
    for (const socket of held) socket.destroy()
    await delay(50)
    expect(await metric('keyhold_dropped_connections_total')).toBeGreaterThanOrEqual(3)
  })

  it('records the source address that a trusted proxy told', async () => {
    const connection = await rawConnection(server.endpoint)
    connection.send(
      signedBytes(server, kmsRequest(server, 'CreateKey', '{}'), signerOf(server), (headers) => [
        ...headers,
        ['X-Forwarded-For', '6.6.6.6, 198.51.100.1'],
      ]),
    )
    expect(required(await connection.next()).status).toBe(200)
    connection.close()
    const read = () =>
      readdirSync(join(server.directory, 'trail'))
        .map((name) => readFileSync(join(server.directory, 'trail', name), 'utf8'))
        .join('')
    await expect.poll(read).toContain('"sourceIPAddress":"198.51.100.1"')
    expect(read()).not.toContain('6.6.6.6')
  })
})
