// Keyhold as a stranger runs it: the programs, started on free loopback ports over directories of their own.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms'

const SERVER = fileURLToPath(new URL('../server/main.mjs', import.meta.url))
export const KEYHOLD = fileURLToPath(new URL('../cli/keyhold.mjs', import.meta.url))

const START_DEADLINE_MS = 40_000

export type Credentials = {
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly endpoint: string
}

export type Running = {
  readonly process: ChildProcess
  readonly pid: number
  readonly endpoint: string
  readonly directory: string
  readonly credentials: Credentials
  /** Lines of its log so far. */
  readonly log: readonly Record<string, unknown>[]
  /** What it wrote for people when something went wrong. */
  complaints(): string
  kms(overrides?: KMSClientConfig): KMSClient
  /** Kills it and its workers at once, as a power cut would. */
  kill(): Promise<void>
  /** Asks it to drain and waits for its end. */
  stop(): Promise<number | null>
}

export type Outcome = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A directory of its own, to be removed by the caller; it may be kept in memory. */
export function newDirectory(below = tmpdir()): { path: string; remove(): void } {
  const path = mkdtempSync(join(below, 'keyhold-conformance-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs a program of Keyhold to its end. */
export function run(
  args: readonly string[],
  program: string = SERVER,
  environment: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment }
    const options = { env, timeout: 30_000, maxBuffer: 64 * 1024 * 1024 }
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
      resolve({ code, stdout, stderr })
    })
  })
}

/** Starts `keyhold serve` on a free port and resolves once it is ready. */
export async function startServer(
  directory: string,
  args: readonly string[] = ['--workers', '2'],
  launch: readonly string[] = [process.execPath, SERVER],
): Promise<Running> {
  const [command, ...before] = launch
  const child = spawn(
    command as string,
    [...before, 'serve', '--data', directory, '--listen', '127.0.0.1:0', ...args],
    // A group of its own: what it starts can be killed with it.
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const log: Record<string, unknown>[] = []
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const endpoint = await new Promise<string>((resolve, reject) => {
    let text = ''
    const fail = (why: string) => reject(new Error(`the server did not start: ${why}\n${stderr}`))
    const timer = setTimeout(() => fail('it took too long'), START_DEADLINE_MS)
    child.once('exit', (code) => fail(`exit code ${code}`))
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        if (!line.startsWith('{')) continue
        const entry = JSON.parse(line) as Record<string, unknown>
        log.push(entry)
        if (entry.msg !== 'ready') continue
        clearTimeout(timer)
        resolve(entry.endpoint as string)
      }
    })
  })
  const credentials = readCredentials(directory)
  const clients: KMSClient[] = []
  return {
    process: child,
    pid: child.pid as number,
    endpoint,
    directory,
    credentials,
    log,
    complaints: () => stderr,
    kms(overrides) {
      const { region, accessKeyId, secretAccessKey } = credentials
      const client = new KMSClient({
        endpoint,
        region,
        credentials: { accessKeyId, secretAccessKey },
        maxAttempts: 1,
        ...overrides,
      })
      clients.push(client)
      return client
    },
    async kill() {
      killGroup(child)
      await groupEnded(child)
      for (const client of clients) client.destroy()
    },
    async stop() {
      for (const client of clients) client.destroy()
      if (child.exitCode !== null) return child.exitCode
      child.kill('SIGTERM')
      const [code] = (await once(child, 'exit')) as [number | null]
      killGroup(child)
      return code
    },
  }
}

export function readCredentials(directory: string): Credentials {
  return JSON.parse(readFileSync(join(directory, 'credentials.json'), 'utf8')) as Credentials
}

/** A directory that is on a disk, whose delays count. */
export const newDirectoryOnDisk = () => newDirectory(process.env.KEYHOLD_TEST_DISK)

/** The processes that a process has started (Linux). */
export function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return list.split(' ').filter(Boolean).map(Number)
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), 'SIGKILL')
  } catch {
    // They have ended already.
  }
}

async function groupEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  for (let tries = 0; tries < 2000; tries++) {
    if (processesOf(child.pid as number).length === 0) return
    await sleep(10)
  }
  throw new Error('a killed server does not end')
}

/** The processes of a group that still run; those that only wait to be buried do not. */
function processesOf(group: number): number[] {
  if (!existsSync('/proc/self/stat')) return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?!.*\) )/)
        const [state, , processGroup] = fields.split(' ')
        return Number(processGroup) === group && state !== 'Z' && state !== 'X'
      } catch {
        return false
      }
    })
}
