// Where the server's time goes: a CPU profile of one operation under load, per request.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cores } from './cores.ts'
import { secondsByThreadName } from './cpu-time.ts'
import { startKeyhold } from './keyhold-server.ts'
import { busyShare, cpuMicroseconds, requestsPerSecond, startLoad } from './load.ts'
import type { LoadResult } from './messages.ts'
import { createKey, type MeasuredOperation, requestPool } from './operations.ts'
import { categoryOf, fileOf } from './profile-categories.ts'
import { type ProfileNode, readProfile } from './profile-reading.ts'
import { progress } from './progress.ts'

const CONNECTIONS = 32
const SECONDS = 10
/** The first samples are of starting and of warming up. */
const LAST_SAMPLES = 0.6
const SAMPLE_EVERY_MICROSECONDS = 500
const FUNCTIONS_SHOWN = 40
const FILES_SHOWN = 25
const NOT_FUNCTIONS: ReadonlySet<string> = new Set(['(program)', '(garbage collector)', '(root)'])

/** An operation, and the input of CreateKey for its key. */
export type ProfiledOperation = Pick<MeasuredOperation, 'name' | 'input'> & {
  readonly key?: object
}

/** The profile as text: categories, files and functions, each in microseconds per request. */
export async function profile(
  operation: ProfiledOperation,
  cores: Cores,
  warmUpSeconds: number,
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-profile-'))
  const load = await startLoad(cores.generator)
  try {
    const server = await startKeyhold({
      workers: 1,
      core: cores.server,
      nodeFlags: [
        '--cpu-prof',
        `--cpu-prof-dir=${directory}`,
        `--cpu-prof-interval=${SAMPLE_EVERY_MICROSECONDS}`,
      ],
    })
    let result: LoadResult
    let before: Map<string, number>
    let after: Map<string, number>
    try {
      const pool = await requestPool(server, await createKey(server, operation.key), operation)
      progress(`${operation.name}: ${warmUpSeconds} s of warm-up, then ${SECONDS} s under profile`)
      await load.run(server, pool(), { connections: CONNECTIONS, seconds: warmUpSeconds })
      before = secondsByThreadName(server.pid)
      result = await load.run(server, pool(), { connections: CONNECTIONS, seconds: SECONDS })
      after = secondsByThreadName(server.pid)
    } finally {
      await server.stop()
    }
    const [file] = readdirSync(directory).filter((name) => name.endsWith('.cpuprofile'))
    if (file === undefined) throw new Error('The server wrote no profile.')
    const threads = [...after].map(
      ([name, seconds]) => [name, seconds - (before.get(name) ?? 0)] as const,
    )
    return describe(operation, result, threads, readProfile(join(directory, file), LAST_SAMPLES))
  } finally {
    await load.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

function describe(
  operation: ProfiledOperation,
  result: LoadResult,
  threads: readonly (readonly [name: string, seconds: number])[],
  nodes: readonly ProfileNode[],
): string {
  const all = cpuMicroseconds(result)
  const main = (result.mainThreadCpuSeconds / result.requests) * 1e6
  const sampled = nodes.reduce((sum, node) => sum + node.selfMicroseconds, 0)
  const perRequest = (key: (node: ProfileNode) => string) => {
    const totals = new Map<string, number>()
    for (const node of nodes) {
      const name = key(node)
      totals.set(name, (totals.get(name) ?? 0) + (node.selfMicroseconds / sampled) * main)
    }
    return [...totals].sort(([, a], [, b]) => b - a)
  }
  const table = (rows: readonly (readonly [string, number])[]) =>
    rows.map(([name, value]) => `${value.toFixed(2).padStart(7)}  ${name}`).join('\n')
  const perThread = threads
    .filter(([, seconds]) => seconds > 0)
    .map(([name, seconds]) => [name, (seconds / result.requests) * 1e6] as const)
  return `${operation.name}, c${CONNECTIONS}, under the profiler: ${requestsPerSecond(result).toFixed(0)} requests/s, p50 ${result.p50Ms.toFixed(2)} ms, p99 ${result.p99Ms.toFixed(2)} ms
CPU per request: ${all.toFixed(1)} us, of it ${main.toFixed(1)} us in the main thread; core busy ${(busyShare(result) * 100).toFixed(0)} %
Self time in us per request, from the last ${LAST_SAMPLES * 100} % of the samples, without idle time.
On a core that all threads share, a call that wakes another thread is charged with that thread's work.

By thread
${table(perThread)}

By category, main thread
${table(perRequest(categoryOf))}

By file
${table(perRequest(fileOf).slice(0, FILES_SHOWN))}

By function
${table(perRequest(functionOf).slice(0, FUNCTIONS_SHOWN))}
`
}

/** A native function says little without its caller. */
function functionOf(node: ProfileNode): string {
  const { functionName, line, parent } = node
  if (node.url !== '') return `${functionName}  ${fileOf(node)}:${line}`
  return parent === undefined || NOT_FUNCTIONS.has(functionName)
    ? functionName
    : `${functionName} (native) ← ${parent.functionName}  ${fileOf(parent)}`
}
