// A server under way: how it ends, what a killed worker costs, what it tells about itself.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateKeyCommand, EncryptCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  childrenOf,
  KEYHOLD,
  newDirectory,
  type Running,
  run,
  startServer,
} from './server-program.ts'

const DEADLINE_MS = 20_000
const SAME_SIGNAL_MS = 300

async function serving(workers: string, launch?: readonly string[]): Promise<Running> {
  const directory = newDirectory()
  const server = await startServer(directory.path, ['--workers', workers], launch)
  onTestFinished(async () => {
    await server.kill()
    directory.remove()
  })
  return server
}

/** A request of which the last byte is not sent yet: the server is in the middle of it, and has said so. */
async function halfSent({ endpoint }: Running) {
  const { hostname, port } = new URL(endpoint)
  const socket: Socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n' +
      'X-Amz-Target: TrentService.ListKeys\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{',
  )
  expect(String(await once(socket, 'data'))).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  const answer = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
  return { finish: () => socket.write('}'), answer }
}

/** Tells it to end, and waits until it takes nothing new. */
async function toldToEnd(server: Running): Promise<void> {
  server.process.kill('SIGTERM')
  const connected = async () => {
    const socket = connect(Number(new URL(server.endpoint).port), '127.0.0.1')
    const was = await once(socket, 'connect')
      .then(() => true)
      .catch(() => false)
    socket.destroy()
    return was
  }
  await expect.poll(connected, { timeout: DEADLINE_MS }).toBe(false)
}

function ended({ process: child }: Running): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode)
  return once(child, 'exit').then(([code]) => code as number | null)
}

describe.each(['1', '2'])('A server with %s worker(s)', (workers) => {
  it('answers what is under way when it is told to end, takes nothing new, and ends well', async () => {
    const server = await serving(workers)
    const kms = server.kms()
    const { KeyMetadata } = await kms.send(new CreateKeyCommand())
    const request = await halfSent(server)
    await toldToEnd(server)
    expect(server.process.exitCode).toBeNull()
    request.finish()
    // Not signed, and told so: an answer like any other.
    expect(await request.answer).toMatch(/^HTTP\/1\.1 400 .*MissingAuthenticationToken/s)
    expect(await ended(server)).toBe(0)
    const verified = await run(['trail', 'verify', '--data', server.directory])
    expect([verified.code, verified.stdout]).toEqual([
      0,
      expect.stringMatching(/trail verifies: 1 record/),
    ])
    expect(KeyMetadata?.KeyState).toBe('Enabled')
  })

  it('answers every call that it was sent before it was told to end', async () => {
    const server = await serving(workers)
    const kms = server.kms()
    const { KeyMetadata } = await kms.send(new CreateKeyCommand())
    const input = { KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }
    const calls = Array.from({ length: 40 }, () => kms.send(new EncryptCommand(input)))
    const [first] = calls
    await first
    server.process.kill('SIGTERM')
    const outcomes = await Promise.allSettled(calls)
    // Those whose connection was not taken yet are refused, none is left without a word.
    const answered = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(answered).toBeGreaterThan(0)
    expect(await ended(server)).toBe(0)
    const { stdout } = await run(['trail', 'verify', '--data', server.directory])
    expect(Number(/verifies: (\d+) records/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(answered + 1)
  })

  it('tells that it is ready, and what it counted, and stops at once at a second signal', async () => {
    const server = await serving(workers)
    await server.kms().send(new ListKeysCommand())
    const health = await fetch(`${server.endpoint}/health`)
    expect([health.status, await health.json()]).toMatchObject([200, { live: true, ready: true }])
    const metrics = await fetch(`${server.endpoint}/metrics`)
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await metrics.text()).toMatch(
      /keyhold_calls_total\{[^}]*operation="ListKeys"[^}]*\} 1\n/,
    )

    await halfSent(server)
    await toldToEnd(server)
    // One that follows within a moment is the same signal, passed on by a launcher.
    await sleep(SAME_SIGNAL_MS)
    expect(server.process.exitCode).toBeNull()
    server.process.kill('SIGTERM')
    expect(await Promise.race([ended(server), sleep(DEADLINE_MS).then(() => 'still there')])).toBe(
      1,
    )
  })
})

it('A worker that is killed is replaced, and the server still ends well', async () => {
  const server = await serving('2')
  const kms = server.kms({ maxAttempts: 5 })
  const { KeyMetadata } = await kms.send(new CreateKeyCommand())
  const before = childrenOf(server.pid)
  expect(before).toHaveLength(2)
  process.kill(before[0] as number, 'SIGKILL')
  await vi.waitFor(
    () => {
      const after = childrenOf(server.pid)
      expect([after.length, after.includes(before[0] as number)]).toEqual([2, false])
    },
    { timeout: DEADLINE_MS, interval: 50 },
  )
  expect(server.log.some(({ msg }) => String(msg).includes('a worker died'))).toBe(true)
  for (let count = 0; count < 10; count++) {
    const input = { KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }
    expect((await kms.send(new EncryptCommand(input))).CiphertextBlob).toBeDefined()
  }
  // In the middle of the start of the new one: it has to hear of the end as well.
  const code = await Promise.race([server.stop(), sleep(DEADLINE_MS).then(() => 'still there')])
  expect([code, server.complaints()]).toEqual([0, ''])
})

describe('The launcher', () => {
  /** An older Node.js of this machine, which must start the one that comes along. */
  const older = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((program) => existsSync(program))

  it.each([
    ['on the Node.js that comes along', process.execPath],
    ['on the Node.js of the system', older ?? ''],
  ])('passes on signals and exit codes %s', async (_where, node) => {
    if (node === '') {
      process.stderr.write('\nThere is no other Node.js here: the launcher is tried on one only.\n')
      return
    }
    const server = await serving('1', [node, KEYHOLD])
    expect((await fetch(`${server.endpoint}/health`)).status).toBe(200)
    const request = await halfSent(server)
    await toldToEnd(server)
    expect(server.process.exitCode).toBeNull()
    request.finish()
    expect(await request.answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(await ended(server)).toBe(0)
  })
})
