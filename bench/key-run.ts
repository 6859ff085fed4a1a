// One run of the suite of keys: starts what it needs, plays the parts that were asked for, stops everything.
import { type BesidePairs, ENCRYPT_CONNECTIONS, measureBesidePairs } from './beside-pairs.ts'
import type { Cores } from './cores.ts'
import { KEY_OPERATIONS } from './key-operations.ts'
import type { KeyOperationResult, KeyResults } from './key-report.ts'
import { playKeyRounds } from './key-rounds.ts'
import { startKeyhold } from './keyhold-server.ts'
import { startLoad } from './load.ts'
import { describeMachine } from './machine.ts'
import type { KeyLoopOrder, KeyLoopResult } from './messages.ts'
import { createKey, type MeasuredOperation, OPERATIONS, requestPool } from './operations.ts'
import { BESIDE_PAIRS, type Options } from './options.ts'
import { startProgram } from './program.ts'
import { progress } from './progress.ts'

const ENCRYPT = OPERATIONS[0] as MeasuredOperation
/** Some hundred signatures a second are too few to make V8 compile what they pass through. */
const SHARED_WARM_UP_SECONDS = 6
/** A p99 needs many requests above it. */
const BESIDE_PAIRS_LENGTHS = 2

/** Plays the parts that the options name. */
export async function runKeySuite(options: Options, cores: Cores): Promise<KeyResults> {
  const { rounds, roundSeconds: seconds, warmUpSeconds } = options
  await using stopping = new AsyncDisposableStack()
  const kept = <Program extends { stop(): Promise<void> }>(program: Program): Program => {
    stopping.defer(program.stop)
    return program
  }
  const load = kept(await startLoad(cores.generator))
  const keyhold = kept(await startKeyhold({ workers: 1, core: cores.server }))
  progress(`Encrypt: ${SHARED_WARM_UP_SECONDS} s of warm-up, for what all operations share`)
  const requests = await requestPool(keyhold, await createKey(keyhold), ENCRYPT)
  await load.run(keyhold, requests(), {
    connections: ENCRYPT_CONNECTIONS,
    seconds: SHARED_WARM_UP_SECONDS,
  })
  const operations: KeyOperationResult[] = []
  const chosen = KEY_OPERATIONS.filter(({ option }) => options.only.includes(option))
  if (chosen.length > 0) {
    const file = new URL('./key-loop.ts', import.meta.url)
    const loop = kept(await startProgram<KeyLoopOrder, KeyLoopResult>(file, cores.server))
    const contestants = { load, keyhold, loop }
    for (const operation of chosen) {
      const order = { rounds, seconds, warmUpSeconds }
      operations.push({ operation, rounds: await playKeyRounds(contestants, operation, order) })
    }
  }
  let besidePairs: BesidePairs | undefined
  if (options.only.includes(BESIDE_PAIRS)) {
    const loads = [load, kept(await startLoad(cores.generator))] as const
    const order = { rounds, seconds: seconds * BESIDE_PAIRS_LENGTHS, warmUpSeconds }
    besidePairs = await measureBesidePairs(loads, keyhold, order)
  }
  return {
    machine: describeMachine(cores),
    how: `${rounds} rounds of ${seconds} s for the server and half of that for the loop, ${seconds * BESIDE_PAIRS_LENGTHS} s beside pairs, after ${warmUpSeconds} s of warm-up for each${options.quick ? '; a quick run' : ''}`,
    operations,
    besidePairs,
  }
}
