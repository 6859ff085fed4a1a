// The rounds of one operation: Keyhold, the bare server and the crypto loop take turns, so that whatever
// else the machine does meets all three alike. Only ratios taken within one round are worth telling.
import { answerOf } from './exchange.ts'
import type { KeyholdServer } from './keyhold-server.ts'
import { busyShare, type Load, type Loaded, requestsPerSecond, wasBusy } from './load.ts'
import type { BareReply, CryptoOrder, CryptoResult, LoadResult } from './messages.ts'
import type { MeasuredOperation, RequestPool } from './operations.ts'
import type { Program } from './program.ts'
import { progress } from './progress.ts'
import { type Played, playSeries } from './series.ts'

export type Round = {
  readonly keyhold: LoadResult
  readonly bare: LoadResult
  readonly crypto: CryptoResult
}

export type Contestants = {
  readonly load: Load
  readonly keyhold: KeyholdServer
  readonly bare: Program<BareReply, number>
  readonly crypto: Program<CryptoOrder, CryptoResult>
}

export type RoundOrder = {
  readonly connections: number
  readonly seconds: number
  readonly rounds: number
}

/** The crypto loop needs no answers, so less time does. */
const CRYPTO_SHARE = 0.25

/** Tells the bare server to answer as Keyhold does, and warms both up. */
export async function prepare(
  { load, keyhold, bare }: Contestants,
  requests: RequestPool,
  warmUpSeconds: number,
  connections: readonly number[],
): Promise<Loaded> {
  const [request] = requests()
  const { contentType, body } = await answerOf(keyhold.port, request as Buffer)
  const bareServer = { port: await bare.order({ contentType, body }), pids: [bare.pid] }
  for (const server of [bareServer, keyhold]) {
    for (const count of connections) {
      const seconds = warmUpSeconds / connections.length
      await load.run(server, requests(), { connections: count, seconds })
    }
  }
  return bareServer
}

/** The rounds of the operation at one number of connections. */
export function playRounds(
  contestants: Contestants,
  bareServer: Loaded,
  operation: MeasuredOperation,
  requests: RequestPool,
  order: RoundOrder,
): Promise<Played<Round>[]> {
  const { load, keyhold, crypto } = contestants

  async function play(number: number): Promise<Round> {
    // Whoever comes first in one round comes second in the next.
    const isBareFirst = number % 2 === 0
    const measured: LoadResult[] = []
    for (const server of isBareFirst ? [bareServer, keyhold] : [keyhold, bareServer]) {
      measured.push(await load.run(server, requests(), order))
    }
    const [first, second] = measured as [LoadResult, LoadResult]
    const round = {
      bare: isBareFirst ? first : second,
      keyhold: isBareFirst ? second : first,
      crypto: await crypto.order({ ...operation.crypto, seconds: order.seconds * CRYPTO_SHARE }),
    }
    tell(operation, order.connections, number, round)
    return round
  }

  return playSeries(order.rounds, play, (round) => wasBusy(round.keyhold) && wasBusy(round.bare))
}

function tell(
  { name }: MeasuredOperation,
  connections: number,
  number: number,
  { keyhold, bare }: Round,
): void {
  const ratio = requestsPerSecond(keyhold) / requestsPerSecond(bare)
  const busy = [keyhold, bare].map((result) => `${(busyShare(result) * 100).toFixed(0)} %`)
  progress(
    `${name} c${connections} round ${number + 1}: ${ratio.toFixed(3)} of the bare server; cores busy ${busy.join(' and ')}`,
  )
}
