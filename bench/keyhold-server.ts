// A Keyhold server under load: started as an operator starts it, in a directory of its own.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVER_NODE_FLAGS } from '../cli/server-environment.ts'
import { processTree } from './cpu-time.ts'
import { answerOf } from './exchange.ts'
import { startNode, stopProgram } from './program.ts'
import { type Credentials, signedRequest } from './sign.ts'

export type ServerOrder = {
  readonly workers: number
  readonly core: number | undefined
  readonly nodeFlags?: readonly string[]
}

export type KeyholdServer = {
  readonly pid: number
  readonly port: number
  readonly credentials: Credentials
  /** From starting the program to its first answer to GET /health. */
  readonly startSeconds: number
  /** All processes of the server. */
  readonly pids: readonly number[]
  /** The processes that answer requests. */
  readonly workerPids: readonly number[]
  /** Calls an operation; throws where it does not succeed. */
  call<Output>(operation: string, input: object): Promise<Output>
  /** Lets it end in good order; its directory goes too. */
  stop(): Promise<void>
}

/** None of them is left behind, however the benchmark ends. */
const directories = new Set<string>()
process.on('exit', () => directories.forEach(remove))

const MAIN = new URL('../server/main.mjs', import.meta.url).pathname
const START_DEADLINE_MS = 30_000
const ASK_AGAIN_AFTER_MS = 10

/** Makes a new installation and serves it; resolves once it answers. */
export async function startKeyhold(order: ServerOrder): Promise<KeyholdServer> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-bench-'))
  directories.add(directory)
  const logFile = join(directory, 'server.log')
  const log = openSync(logFile, 'w')
  const port = await freePort()
  const startedAtMs = performance.now()
  const child = startNode(
    [
      ...SERVER_NODE_FLAGS,
      ...(order.nodeFlags ?? []),
      MAIN,
      'serve',
      ...['--data', join(directory, 'keyhold')],
      ...['--listen', `127.0.0.1:${port}`],
      ...['--workers', String(order.workers)],
      ...['--log-level', 'warn'],
    ],
    order.core,
    ['ignore', log, log],
  )
  const pid = child.pid as number
  const stop = async () => {
    await stopProgram(child)
    closeSync(log)
    remove(directory)
  }
  while (!(await isHealthy(port))) {
    if (child.exitCode !== null || performance.now() - startedAtMs > START_DEADLINE_MS) {
      const output = readFileSync(logFile, 'utf8')
      await stop()
      throw new Error(`The server does not start:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS))
  }
  const startSeconds = (performance.now() - startedAtMs) / 1000
  const pids = processTree(pid)
  const credentials = JSON.parse(
    readFileSync(join(directory, 'keyhold', 'credentials.json'), 'utf8'),
  ) as Credentials
  return {
    pid,
    port,
    credentials,
    startSeconds,
    pids,
    workerPids: order.workers === 1 ? [pid] : pids.filter((each) => each !== pid),
    async call(operation, input) {
      const answer = await answerOf(port, signedRequest(credentials, operation, input))
      if (answer.status !== 200) throw new Error(`${operation}: ${answer.status} ${answer.body}`)
      return JSON.parse(answer.body)
    },
    stop,
  }
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  directories.delete(directory)
}

async function isHealthy(port: number): Promise<boolean> {
  const request = Buffer.from(
    'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  )
  return (await answerOf(port, request).catch(() => undefined))?.status === 200
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
