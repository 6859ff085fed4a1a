// Puts load on a server, and tells how busy that made it: an idle server proves nothing.
import type { LoadOrder, LoadResult } from './messages.ts'
import { startProgram } from './program.ts'

/** A server that can be put under load. */
export type Loaded = { readonly port: number; readonly pids: readonly number[] }

export type Load = {
  /** Throws where any request failed. */
  run(
    server: Loaded,
    requests: readonly Buffer[],
    order: Pick<LoadOrder, 'connections' | 'seconds' | 'perSecond' | 'stalledAfterSeconds'>,
  ): Promise<LoadResult>
  stop(): Promise<void>
}

/** More than any server of ours answers in a second. */
const MAX_REQUESTS_PER_SECOND = 200_000

/** Starts the generator, on one core where one is given. */
export async function startLoad(core: number | undefined): Promise<Load> {
  const generator = await startProgram<LoadOrder, LoadResult>(
    new URL('./load-generator.ts', import.meta.url),
    core,
  )
  return {
    async run({ port, pids }, requests, order) {
      const { connections, seconds, perSecond, stalledAfterSeconds } = order
      const result = await generator.order({
        port,
        pids,
        connections,
        seconds,
        perSecond,
        stalledAfterSeconds,
        maxRequests: Math.ceil(seconds * MAX_REQUESTS_PER_SECOND),
        requests: requests.map((request) => request.toString('latin1')),
      })
      if (result.failures > 0) {
        throw new Error(`${result.failures} requests failed, the first: ${result.firstFailure}`)
      }
      return result
    },
    stop: generator.stop,
  }
}

/** The share of one core that the server used. */
export function busyShare({ cpuSeconds, seconds }: LoadResult): number {
  return cpuSeconds / seconds
}

const BUSY_SHARE = 0.85

/** Whether the server, not the generator or a neighbour on the machine, set the pace. */
export function wasBusy(result: LoadResult): boolean {
  return busyShare(result) >= BUSY_SHARE
}

/** Throughput. */
export function requestsPerSecond({ requests, seconds }: LoadResult): number {
  return requests / seconds
}

/** Processor time of all the server's threads. */
export function cpuMicroseconds({ requests, cpuSeconds }: LoadResult): number {
  return (cpuSeconds / requests) * 1e6
}
