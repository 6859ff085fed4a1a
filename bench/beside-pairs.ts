// What Encrypt's callers notice of RSA-4096 pairs being made: latencies at half of the load that the server
// can bear, without and with other connections that always want the next pair. Both take turns.

import type { KeyholdServer } from './keyhold-server.ts'
import { busyShare, type Load, requestsPerSecond } from './load.ts'
import type { LoadResult } from './messages.ts'
import { createKey, type MeasuredOperation, OPERATIONS, requestPool } from './operations.ts'
import { progress } from './progress.ts'

export type BesidePairsRound = {
  readonly idle: LoadResult
  readonly beside: LoadResult
  /** The load of pairs meanwhile. */
  readonly pairs: LoadResult
}

export type BesidePairs = {
  /** Requests of Encrypt each second: half of what was answered without a pause. */
  readonly perSecond: number
  readonly rounds: readonly BesidePairsRound[]
}

export const ENCRYPT_CONNECTIONS = 32
/** One pair is in the making, and the next wanted. */
export const PAIR_CONNECTIONS = 2
const PAIR = { name: 'GenerateDataKeyPair', spec: 'RSA_4096' } as const
/** Primes are found by chance, and only with what others leave of the core. */
const PAIR_STALLS_AFTER_SECONDS = 60

export async function measureBesidePairs(
  loads: readonly [encrypt: Load, pairs: Load],
  keyhold: KeyholdServer,
  order: { readonly rounds: number; readonly seconds: number; readonly warmUpSeconds: number },
): Promise<BesidePairs> {
  const [load, pairLoad] = loads
  const keyId = await createKey(keyhold)
  const encrypts = await requestPool(keyhold, keyId, OPERATIONS[0] as MeasuredOperation)
  const pairs = await requestPool(keyhold, keyId, {
    name: PAIR.name,
    input: (_server, KeyId) => ({ KeyId, KeyPairSpec: PAIR.spec }),
  })
  progress(`Encrypt beside pairs: ${order.warmUpSeconds} s of warm-up`)
  const connections = ENCRYPT_CONNECTIONS
  await load.run(keyhold, encrypts(), { connections, seconds: order.warmUpSeconds })
  const full = await load.run(keyhold, encrypts(), { connections, seconds: order.seconds })
  const perSecond = requestsPerSecond(full) / 2
  const { seconds } = order
  const encrypt = () => load.run(keyhold, encrypts(), { connections, seconds, perSecond })

  async function encryptBeside() {
    const [beside, made] = await Promise.all([
      encrypt(),
      pairLoad.run(keyhold, pairs(), {
        connections: PAIR_CONNECTIONS,
        seconds,
        stalledAfterSeconds: PAIR_STALLS_AFTER_SECONDS,
      }),
    ])
    return { beside, pairs: made }
  }

  const rounds: BesidePairsRound[] = []
  for (let number = 0; number < order.rounds; number++) {
    // Whichever comes first in one round comes second in the next.
    const early = number % 2 === 0 ? await encrypt() : undefined
    const busy = await encryptBeside()
    const round = { idle: early ?? (await encrypt()), ...busy }
    rounds.push(round)
    progress(
      `Encrypt beside pairs round ${number + 1}: p99 ${round.beside.p99Ms.toFixed(2)} ms, ${ofIdle(round).toFixed(2)} times the idle ${round.idle.p99Ms.toFixed(2)} ms; ${round.pairs.requests} pairs; core busy ${(busyShare(round.idle) * 100).toFixed(0)} and ${(busyShare(round.beside) * 100).toFixed(0)} %`,
    )
  }
  return { perSecond, rounds }
}

/** The p99 while pairs are made, against the p99 while none are. */
export function ofIdle({ idle, beside }: BesidePairsRound): number {
  return beside.p99Ms / idle.p99Ms
}
