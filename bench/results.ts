// What a run found, and the ratios that matter in it.
import { cpuMicroseconds, requestsPerSecond } from './load.ts'
import type { CryptoResult } from './messages.ts'
import type { Round } from './rounds.ts'
import { countedRounds, type Played } from './series.ts'
import { type Spread, spread } from './statistics.ts'
import type { WorkersRound } from './workers.ts'

export type OperationResult = {
  readonly operation: string
  readonly connections: number
  readonly rounds: readonly Played<Round>[]
}

export type Results = {
  /** Lines of Markdown. */
  readonly machine: string
  readonly how: string
  readonly operations: readonly OperationResult[]
  readonly workers: readonly Played<WorkersRound>[]
  readonly startSeconds: readonly number[]
  /** Of each worker process, after the load. */
  readonly residentMegabytes: readonly number[]
}

/** Over the rounds that count. */
export function spreadOver<Round>(
  rounds: readonly Played<Round>[],
  value: (round: Played<Round>) => number,
): Spread {
  return spread(countedRounds(rounds).map(value))
}

/** Throughput against the bare server's. */
export function ofBare({ keyhold, bare }: Round): number {
  return requestsPerSecond(keyhold) / requestsPerSecond(bare)
}

/** The bare server's processor time per request against ours: what other programs take does not count. */
export function ofBareByCpu({ keyhold, bare }: Round): number {
  return cpuMicroseconds(bare) / cpuMicroseconds(keyhold)
}

/** Throughput against the crypto loop's. */
export function ofCrypto({ keyhold, crypto }: Round): number {
  return requestsPerSecond(keyhold) / loopsPerSecond(crypto)
}

/** Of the crypto loop. */
export function loopsPerSecond({ operations, seconds }: CryptoResult): number {
  return operations / seconds
}
