// The targets, each beside what was measured.
import { cpuMicroseconds } from './load.ts'
import { show, table } from './markdown.ts'
import { type OperationResult, ofBare, ofBareByCpu, type Results, spreadOver } from './results.ts'
import { isUnclear } from './series.ts'
import { spread } from './statistics.ts'

const MIN_OF_BARE = 0.45
const MAX_WORKERS_RATIO = 1.3
const MAX_START_SECONDS = 1
const MAX_MEGABYTES = 200

/** A table of Markdown. */
export function renderTargets(results: Results): string {
  const rows = [
    ...results.operations.map(operationTarget),
    ...workersTarget(results),
    ...startTarget(results),
    ...memoryTarget(results),
  ]
  return table(['what', 'target', 'measured', 'met'], rows)
}

function operationTarget({ operation, connections, rounds }: OperationResult): string[] {
  const ratio = spreadOver(rounds, ofBare)
  return [
    `${operation} c${connections} ÷ bare`,
    `≥ ${MIN_OF_BARE}`,
    `${show(ratio, 3)}; by processor time ${show(spreadOver(rounds, ofBareByCpu), 3)}${doubt(rounds)}`,
    met(ratio.median >= MIN_OF_BARE, isUnclear(rounds)),
  ]
}

function workersTarget({ workers }: Results): string[][] {
  if (workers.length === 0) return []
  const compared = (key: 'apart' | 'alone') =>
    spreadOver(workers, (round) => cpuMicroseconds(round.together) / cpuMicroseconds(round[key]))
  const ratio = compared('apart')
  return [
    [
      "CPU per request, two workers of one server ÷ two servers'",
      `≤ ${MAX_WORKERS_RATIO}`,
      `${show(ratio, 2)}; ÷ one's with the machine to itself ${show(compared('alone'), 2)}${doubt(workers)}`,
      met(ratio.median <= MAX_WORKERS_RATIO, isUnclear(workers)),
    ],
  ]
}

function startTarget({ startSeconds }: Results): string[][] {
  if (startSeconds.length === 0) return []
  const start = spread(startSeconds)
  return [
    [
      'start to first answer',
      `< ${MAX_START_SECONDS} s`,
      `${show(start, 2)} s`,
      met(start.median < MAX_START_SECONDS),
    ],
  ]
}

function memoryTarget({ residentMegabytes }: Results): string[][] {
  if (residentMegabytes.length === 0) return []
  const most = Math.max(...residentMegabytes)
  return [
    [
      'memory per worker',
      `< ${MAX_MEGABYTES} MB`,
      `${most.toFixed(0)} MB at most`,
      met(most < MAX_MEGABYTES),
    ],
  ]
}

/** The last cell of a row. */
export function met(isMet: boolean, unclear = false): string {
  if (unclear) return 'unclear: no round counts'
  return isMet ? 'yes' : '**no**'
}

/** Rounds that a busy machine spoilt. */
export function doubt(rounds: readonly { readonly counted: boolean }[]): string {
  const spoilt = rounds.filter(({ counted }) => !counted).length
  return spoilt === 0 ? '' : ` (in ${spoilt} of ${rounds.length} rounds a core was not busy)`
}
