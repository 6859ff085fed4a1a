// What sharing one database costs: processor time per request of one server with two workers against that
// of two servers with one worker each. Both pairs of workers are loaded alike at the same time, by two
// generators, wherever the system puts all four: what differs is only what the workers share. A single
// worker with the machine to itself is told as well, but is no measure: an idle core makes anything faster.
import type { KeyholdServer } from './keyhold-server.ts'
import { cpuMicroseconds, type Load, type Loaded, wasBusy } from './load.ts'
import type { LoadResult } from './messages.ts'
import type { RequestPool } from './operations.ts'
import { progress } from './progress.ts'
import { type Played, playSeries } from './series.ts'

export type WorkersRound = {
  /** Two servers of one worker each. */
  readonly apart: LoadResult
  /** One server of two workers. */
  readonly together: LoadResult
  /** One server of one worker, with nobody beside it but its generator. */
  readonly alone: LoadResult
}

/** Of each worker. */
export const CONNECTIONS = 32

/** A server and the requests that it can answer. */
export type Requested = { readonly server: KeyholdServer; readonly requests: RequestPool }

/** One generator's part of a load: the processes whose time it tells, and their server's requests. */
type Part = Loaded & { readonly requests: RequestPool }

/** Warms the servers up and plays the rounds; `ones` have one worker each, `two` has two. */
export async function compareWorkers(
  loads: readonly [Load, Load],
  ones: readonly [Requested, Requested],
  two: Requested,
  order: { readonly rounds: number; readonly seconds: number; readonly warmUpSeconds: number },
): Promise<Played<WorkersRound>[]> {
  const apart = ones.map(({ server, requests }) => ({ ...server, requests }))
  const [one, ...others] = two.server.workerPids
  const together = [[one as number], others].map((pids) => ({
    port: two.server.port,
    pids,
    requests: two.requests,
  }))

  async function run(parts: readonly Part[], seconds: number): Promise<LoadResult> {
    const results = await Promise.all(
      parts.map((part, index) => {
        const load = loads[index] as Load
        return load.run(part, part.requests(), { connections: CONNECTIONS, seconds })
      }),
    )
    return results.reduce(sum)
  }

  for (const parts of [apart, together]) await run(parts, order.warmUpSeconds)
  const play = async (number: number) => {
    // Whoever comes first in one round comes second in the next.
    const isApartFirst = number % 2 === 0
    const first = await run(isApartFirst ? apart : together, order.seconds)
    const second = await run(isApartFirst ? together : apart, order.seconds)
    const alone = await run(apart.slice(0, 1), order.seconds)
    const round = isApartFirst
      ? { apart: first, together: second, alone }
      : { apart: second, together: first, alone }
    tell(number, round)
    return round
  }
  return playSeries(order.rounds, play, (round) => wasBusy(round.apart) && wasBusy(round.together))
}

/** Two loads at the same time as one. */
function sum(left: LoadResult, right: LoadResult): LoadResult {
  return {
    requests: left.requests + right.requests,
    seconds: Math.max(left.seconds, right.seconds),
    p50Ms: Math.max(left.p50Ms, right.p50Ms),
    p99Ms: Math.max(left.p99Ms, right.p99Ms),
    cpuSeconds: left.cpuSeconds + right.cpuSeconds,
    mainThreadCpuSeconds: left.mainThreadCpuSeconds + right.mainThreadCpuSeconds,
    generatorCpuSeconds: left.generatorCpuSeconds + right.generatorCpuSeconds,
    failures: left.failures + right.failures,
    firstFailure: left.firstFailure ?? right.firstFailure,
  }
}

function tell(number: number, { apart, together, alone }: WorkersRound): void {
  const [costApart, costTogether, costAlone] = [apart, together, alone].map((result) =>
    cpuMicroseconds(result).toFixed(1),
  )
  progress(
    `workers round ${number + 1}: CPU per request of two workers of one server ${costTogether} us, of two servers ${costApart} us, of one alone ${costAlone} us`,
  )
}
