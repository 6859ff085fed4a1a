// The rounds of one operation with a key of its own: Keyhold and the bare loop take turns on the same core,
// all of Keyhold's threads on it. Where the arithmetic runs on threads of its own, the core is shared by them
// and the event loop: what is missing to 1 is what everything but the arithmetic costs.
import type { KeyOperation } from './key-operations.ts'
import type { KeyholdServer } from './keyhold-server.ts'
import { busyShare, type Load, requestsPerSecond, wasBusy } from './load.ts'
import type { KeyLoopOrder, KeyLoopResult, LoadResult } from './messages.ts'
import { createKey, requestPool } from './operations.ts'
import type { Program } from './program.ts'
import { progress } from './progress.ts'
import { type Played, playSeries } from './series.ts'

export type KeyRound = { readonly keyhold: LoadResult; readonly loop: KeyLoopResult }

export type KeyContestants = {
  readonly load: Load
  readonly keyhold: KeyholdServer
  readonly loop: Program<KeyLoopOrder, KeyLoopResult>
}

export const KEY_CONNECTIONS = 32

/** The loop needs no answers, so less time does. */
const LOOP_SHARE = 0.5
const BUSY_SHARE = 0.85

/** Warms both up, and plays the rounds. */
export async function playKeyRounds(
  { load, keyhold, loop }: KeyContestants,
  operation: KeyOperation,
  order: { readonly rounds: number; readonly seconds: number; readonly warmUpSeconds: number },
): Promise<Played<KeyRound>[]> {
  const { title, work, connections = KEY_CONNECTIONS } = operation
  const keyId = await createKey(keyhold, operation.key)
  const requests = await requestPool(keyhold, keyId, operation)
  const run = (seconds: number) => load.run(keyhold, requests(), { connections, seconds })
  const runLoop = (seconds: number) => loop.order({ work, seconds: seconds * LOOP_SHARE })
  progress(`${title}: ${order.warmUpSeconds} s of warm-up`)
  await run(order.warmUpSeconds)
  await runLoop(order.warmUpSeconds / 4)

  async function play(number: number): Promise<KeyRound> {
    // Whoever comes first in one round comes second in the next.
    const isLoopFirst = number % 2 === 0
    const before = isLoopFirst ? await runLoop(order.seconds) : undefined
    const measured = await run(order.seconds)
    const round = { keyhold: measured, loop: before ?? (await runLoop(order.seconds)) }
    progress(
      `${title} round ${number + 1}: ${ofLoop(round).toFixed(3)} of the bare loop, by processor time ${ofLoopByCpu(round).toFixed(3)}; core busy ${(busyShare(measured) * 100).toFixed(0)} and ${(loopShare(round.loop) * 100).toFixed(0)} %`,
    )
    return round
  }

  return playSeries(
    order.rounds,
    play,
    (round) => wasBusy(round.keyhold) && loopShare(round.loop) >= BUSY_SHARE,
  )
}

/** Throughput against the loop's. */
export function ofLoop({ keyhold, loop }: KeyRound): number {
  return (requestsPerSecond(keyhold) * loop.seconds) / loop.operations
}

/** The loop's processor time per operation against ours. */
export function ofLoopByCpu({ keyhold, loop }: KeyRound): number {
  return loop.cpuSeconds / loop.operations / (keyhold.cpuSeconds / keyhold.requests)
}

function loopShare({ cpuSeconds, seconds }: KeyLoopResult): number {
  return cpuSeconds / seconds
}
