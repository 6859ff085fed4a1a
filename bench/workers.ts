// What a second worker process costs: processor time per request of two workers against that of one.
import type { KeyholdServer } from './keyhold-server.ts'
import { cpuMicroseconds, type Load, wasBusy } from './load.ts'
import type { LoadResult } from './messages.ts'
import type { RequestPool } from './operations.ts'
import { progress } from './progress.ts'
import { type Played, playSeries } from './series.ts'

/** One worker and two under the same load, and one under the load that each of the two has. */
export type WorkersRound = {
  readonly one: LoadResult
  readonly oneWithHalf: LoadResult
  readonly two: LoadResult
}

export const CONNECTIONS = 64

/** A server and the requests that it can answer. */
export type Requested = { readonly server: KeyholdServer; readonly requests: RequestPool }

/** Warms both servers up and plays the rounds; `one` has one worker, `two` has two. */
export async function compareWorkers(
  load: Load,
  one: Requested,
  two: Requested,
  order: { readonly rounds: number; readonly seconds: number; readonly warmUpSeconds: number },
): Promise<Played<WorkersRound>[]> {
  const run = ({ server, requests }: Requested, connections: number, seconds: number) =>
    load.run(server, requests(), { connections, seconds })
  await run(one, CONNECTIONS, order.warmUpSeconds / 4)
  await run(two, CONNECTIONS, order.warmUpSeconds)
  const play = async (number: number) => {
    const round = {
      one: await run(one, CONNECTIONS, order.seconds),
      oneWithHalf: await run(one, CONNECTIONS / 2, order.seconds),
      two: await run(two, CONNECTIONS, order.seconds),
    }
    tell(number, round)
    return round
  }
  return playSeries(order.rounds, play, (round) => wasBusy(round.one) && wasBusy(round.oneWithHalf))
}

function tell(number: number, { one, oneWithHalf, two }: WorkersRound): void {
  const [costOfOne, costWithHalf, costOfTwo] = [one, oneWithHalf, two].map((result) =>
    cpuMicroseconds(result).toFixed(1),
  )
  progress(
    `workers round ${number + 1}: CPU per request of one ${costOfOne} us (half the load ${costWithHalf} us), of two ${costOfTwo} us`,
  )
}
