// What operators do with the keyhold command: secrets on descriptors, prompts on terminals, servers that
// start sealed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KEYHOLD, type Outcome } from './server-program.ts'

const TERMINAL = fileURLToPath(new URL('./terminal.py', import.meta.url))
const SERVER = fileURLToPath(new URL('../server/main.mjs', import.meta.url))
const DEADLINE_MS = 30_000

/** Runs `keyhold` to its end, with `secret` on descriptor 3. */
export async function keyhold(args: readonly string[], secret?: string | Buffer): Promise<Outcome> {
  const child = spawn(process.execPath, [KEYHOLD, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', secret === undefined ? 'ignore' : 'pipe'],
  })
  if (secret !== undefined) put(child, 3, secret)
  return outcomeOf(child)
}

/** Runs `keyhold` on a pseudo terminal and types each answer at its prompt; answers what was shown. */
export async function keyholdOnTerminal(
  args: readonly string[],
  answers: readonly (readonly [prompt: string, typed: string])[],
): Promise<Outcome> {
  const child = spawn('python3', [TERMINAL], { stdio: ['pipe', 'pipe', 'pipe'] })
  put(child, 0, JSON.stringify({ command: [process.execPath, KEYHOLD, ...args], answers }))
  return outcomeOf(child)
}

export type Started = {
  readonly pid: number
  readonly log: readonly Record<string, unknown>[]
  /** The first line of the log, this time or later, whose message begins so. */
  line(message: string): Promise<Record<string, unknown>>
  /** Everything on its standard streams. */
  text(): string
  stop(): Promise<number | null>
  kill(): Promise<void>
}

/** Starts `keyhold serve` on a free port; it may come up sealed, or not at all. */
export function startSealed(
  directory: string,
  args: readonly string[] = ['--workers', '2'],
  secret?: string,
): Started {
  const own = ['--data', directory, '--listen', '127.0.0.1:0', ...args]
  const child = spawn(process.execPath, [SERVER, 'serve', ...own], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', secret === undefined ? 'ignore' : 'pipe'],
  })
  if (secret !== undefined) put(child, 3, secret)
  const log: Record<string, unknown>[] = []
  let all = ''
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    all += chunk.toString()
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    log.push(...lines.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text)))
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    all += chunk.toString()
  })
  return {
    pid: child.pid as number,
    log,
    text: () => all,
    async line(message) {
      for (const startMs = Date.now(); Date.now() - startMs < DEADLINE_MS; await sleep(20)) {
        const found = log.find(({ msg }) => String(msg).startsWith(message))
        if (found !== undefined) return found
        if (child.exitCode !== null) break
      }
      throw new Error(`no line '${message}' came:\n${all}`)
    },
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      return child.exitCode
    },
    async kill() {
      try {
        process.kill(-(child.pid as number), 'SIGKILL')
      } catch {
        // They have ended already.
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** The process and all that it started, by their parents. */
export function processesBelow(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid)
  return [pid, ...children.flatMap(processesBelow)]
}

function parentOf(pid: number): number | undefined {
  try {
    const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?!.*\) )/)
    return Number(after.split(' ')[1])
  } catch {
    return undefined
  }
}

function put(child: ChildProcess, descriptor: number, text: string | Buffer): void {
  const pipe = child.stdio[descriptor] as Writable
  // A program that does not want it may end first.
  pipe.on('error', () => {})
  pipe.end(text)
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const streams = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      streams[name] += chunk.toString()
    })
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, ...streams }
}
