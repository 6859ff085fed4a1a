// The results as Markdown.
import { cpuMicroseconds, requestsPerSecond } from './load.ts'
import { show, table } from './markdown.ts'
import type { LoadResult } from './messages.ts'
import {
  loopsPerSecond,
  type OperationResult,
  ofBare,
  ofBareByCpu,
  ofCrypto,
  type Results,
  spreadOver,
} from './results.ts'
import type { Round } from './rounds.ts'
import type { Played } from './series.ts'
import { spread } from './statistics.ts'
import { renderTargets } from './targets.ts'
import { CONNECTIONS } from './workers.ts'

/** The chapter of this suite. */
export function renderResults(results: Results): string {
  const { machine, how } = results
  const parts = [
    `# Hot path\n\n${machine}\n- ${how}`,
    `## Targets\n\n${renderTargets(results)}`,
    ...operationsPart(results),
    ...workersPart(results),
    ...startPart(results),
    ...memoryPart(results),
  ]
  return `${parts.join('\n\n')}\n`
}

const LOAD_HEADS = [
  'operation',
  'connections',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU µs per request',
]

function operationsPart({ operations }: Results): string[] {
  if (operations.length === 0) return []
  return [
    `## Operations

Cells of several numbers are the median of the rounds (least–most). CPU is that of all threads, and in brackets of the main thread. “÷ bare” compares requests/s with those of the bare node:http server in the same round; “÷ bare, CPU” the bare server's processor time per request with ours; “÷ crypto” requests/s with the loop of key derivation and AES-GCM alone.

${table(
  [...LOAD_HEADS, '÷ bare', '÷ bare, CPU', '÷ crypto'],
  operations.map(({ rounds, ...named }) => [
    ...loadCells(named, rounds, ({ keyhold }) => keyhold),
    ...[ofBare, ofBareByCpu, ofCrypto].map((ratio) => show(spreadOver(rounds, ratio), 3)),
  ]),
)}`,
    `The bare server in the same rounds, and the crypto loop:

${table(
  [...LOAD_HEADS, 'crypto loop, operations/s'],
  operations.map(({ rounds, ...named }) => [
    ...loadCells(named, rounds, ({ bare }) => bare),
    show(
      spreadOver(rounds, ({ crypto }) => loopsPerSecond(crypto)),
      0,
    ),
  ]),
)}`,
  ]
}

function loadCells(
  { operation, connections }: Omit<OperationResult, 'rounds'>,
  rounds: readonly Played<Round>[],
  of: (round: Round) => LoadResult,
): string[] {
  const median = (value: (result: LoadResult) => number, digits: number) =>
    spreadOver(rounds, (round) => value(of(round))).median.toFixed(digits)
  const mainThread = median((result) => (result.mainThreadCpuSeconds / result.requests) * 1e6, 1)
  return [
    operation,
    String(connections),
    show(
      spreadOver(rounds, (round) => requestsPerSecond(of(round))),
      0,
    ),
    median(({ p50Ms }) => p50Ms, 2),
    median(({ p99Ms }) => p99Ms, 2),
    `${median(cpuMicroseconds, 1)} (${mainThread})`,
  ]
}

function workersPart({ workers }: Results): string[] {
  if (workers.length === 0) return []
  const rows = [
    ['one server of one worker, alone', 'alone'],
    ['two servers of one worker each', 'apart'],
    ['one server of two workers', 'together'],
  ] as const
  return [
    `## Two workers

Encrypt, ${CONNECTIONS} connections to each worker, from two generators at the same time; none of the four is pinned.
The two servers share the machine, the two workers a database and the trail's register as well: the ratio is
what that sharing costs.

${table(
  ['workers', 'requests/s', 'CPU µs per request'],
  rows.map(([name, key]) => [
    name,
    show(
      spreadOver(workers, (round) => requestsPerSecond(round[key])),
      0,
    ),
    show(
      spreadOver(workers, (round) => cpuMicroseconds(round[key])),
      1,
    ),
  ]),
)}`,
  ]
}

function startPart({ startSeconds }: Results): string[] {
  if (startSeconds.length === 0) return []
  return [
    `## Start

A new installation, one worker, not pinned, from starting the program to the first answered \`GET /health\`: ${show(spread(startSeconds), 2)} s.`,
  ]
}

function memoryPart({ residentMegabytes }: Results): string[] {
  if (residentMegabytes.length === 0) return []
  const sizes = residentMegabytes.map((megabytes) => `${megabytes.toFixed(0)} MB`)
  return [
    `## Memory

Resident (VmRSS), of each worker process after its load: ${sizes.join(', ')}.`,
  ]
}
