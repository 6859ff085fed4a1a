// The results of the suite of keys as Markdown.
import {
  type BesidePairs,
  type BesidePairsRound,
  ENCRYPT_CONNECTIONS,
  ofIdle,
  PAIR_CONNECTIONS,
} from './beside-pairs.ts'
import type { KeyOperation } from './key-operations.ts'
import { KEY_CONNECTIONS, type KeyRound, ofLoop, ofLoopByCpu } from './key-rounds.ts'
import { cpuMicroseconds, requestsPerSecond } from './load.ts'
import { show, table } from './markdown.ts'
import type { LoadResult } from './messages.ts'
import { loopsPerSecond, spreadOver } from './results.ts'
import { isUnclear, type Played } from './series.ts'
import { spread } from './statistics.ts'
import { doubt, met } from './targets.ts'

export type KeyOperationResult = {
  readonly operation: KeyOperation
  readonly rounds: readonly Played<KeyRound>[]
}

export type KeyResults = {
  /** Lines of Markdown. */
  readonly machine: string
  readonly how: string
  readonly operations: readonly KeyOperationResult[]
  readonly besidePairs: BesidePairs | undefined
}

const MAX_OF_IDLE = 3

/** The chapter of this suite. */
export function renderKeyResults(results: KeyResults): string {
  const { machine, how, operations, besidePairs } = results
  const parts = [
    `# Keys\n\n${machine}\n- ${how}`,
    `## Targets of keys\n\n${renderKeyTargets(results)}`,
    ...(operations.length === 0 ? [] : [operationsPart(operations)]),
    ...(besidePairs === undefined ? [] : [besidePairsPart(besidePairs)]),
  ]
  return `${parts.join('\n\n')}\n`
}

function renderKeyTargets({ operations, besidePairs }: KeyResults): string {
  const rows = operations.flatMap(({ operation: { title, target }, rounds }) => {
    if (target === undefined) return []
    const ratio = spreadOver(rounds, ofLoop)
    const byCpu = show(spreadOver(rounds, ofLoopByCpu), 3)
    return [
      [
        `${title} ÷ bare loop`,
        `≥ ${target}`,
        `${show(ratio, 3)}; by processor time ${byCpu}${doubt(rounds)}`,
        met(ratio.median >= target, isUnclear(rounds)),
      ],
    ]
  })
  if (besidePairs !== undefined) {
    const ratio = spread(besidePairs.rounds.map(ofIdle))
    rows.push([
      "Encrypt's p99 at half load, while RSA-4096 pairs are made ÷ while none are",
      `< ${MAX_OF_IDLE}`,
      show(ratio, 2),
      met(ratio.median < MAX_OF_IDLE),
    ])
  }
  return table(['what', 'target', 'measured', 'met'], rows)
}

function operationsPart(operations: readonly KeyOperationResult[]): string {
  return `## Operations with keys

The server, all its threads on one core, under ${KEY_CONNECTIONS} connections from another (4 for RSA pairs); in turns with it the bare
loop: one thread on the same core that does nothing but the same arithmetic with node:crypto, again and again. Both
have one core, so the ratio is what is left of it beside HTTP, signature, authorization and trail. Cells of several numbers
are the median of the rounds (least–most). CPU is that of all the server's threads, and in brackets of the main thread:
where the arithmetic is off the event loop, the first is more by what the loop needs.

${table(
  [
    'operation',
    'requests/s',
    'p50 ms',
    'p99 ms',
    'CPU µs per request',
    'loop, operations/s',
    'loop, CPU µs',
    '÷ loop',
    '÷ loop, CPU',
  ],
  operations.map(({ operation, rounds }) => [operation.title, ...cells(rounds)]),
)}`
}

function cells(rounds: readonly Played<KeyRound>[]): string[] {
  const median = (value: (round: KeyRound) => number, digits: number) =>
    spreadOver(rounds, value).median.toFixed(digits)
  const mainThread = median(
    ({ keyhold }) => (keyhold.mainThreadCpuSeconds / keyhold.requests) * 1e6,
    0,
  )
  return [
    show(
      spreadOver(rounds, ({ keyhold }) => requestsPerSecond(keyhold)),
      0,
    ),
    median(({ keyhold }) => keyhold.p50Ms, 2),
    median(({ keyhold }) => keyhold.p99Ms, 2),
    `${median(({ keyhold }) => cpuMicroseconds(keyhold), 0)} (${mainThread})`,
    show(
      spreadOver(rounds, ({ loop }) => loopsPerSecond(loop)),
      0,
    ),
    median(({ loop }) => (loop.cpuSeconds / loop.operations) * 1e6, 0),
    show(spreadOver(rounds, ofLoop), 3),
    show(spreadOver(rounds, ofLoopByCpu), 3),
  ]
}

function besidePairsPart({ perSecond, rounds }: BesidePairs): string {
  const row = (name: string, of: (round: BesidePairsRound) => LoadResult) => {
    const shown = (value: (result: LoadResult) => number, digits: number) =>
      show(spread(rounds.map((round) => value(of(round)))), digits)
    return [
      name,
      shown(requestsPerSecond, 0),
      shown(({ p50Ms }) => p50Ms, 2),
      shown(({ p99Ms }) => p99Ms, 2),
    ]
  }
  return `## Encrypt beside RSA-4096 pairs

All the server's threads on one core. ${perSecond.toFixed(0)} requests of Encrypt each second, half of what it answered without a
pause, come independently of each other (a Poisson process) and of the answers, over ${ENCRYPT_CONNECTIONS} connections; a request
that finds none of them free has waited since it was due. Meanwhile ${PAIR_CONNECTIONS} other connections either do nothing, or ask for
RSA_4096 data key pairs, each for the next as soon as it has one.

${table(
  ['', 'requests/s', 'p50 ms', 'p99 ms'],
  [
    row('Encrypt, no pairs', ({ idle }) => idle),
    row('Encrypt, pairs being made', ({ beside }) => beside),
    row('the pairs', ({ pairs }) => pairs),
  ],
)}`
}
