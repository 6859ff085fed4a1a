// One run: starts the servers, plays the parts that were asked for, and stops everything again.
import type { Cores } from './cores.ts'
import { residentMegabytes } from './cpu-time.ts'
import { type KeyholdServer, startKeyhold } from './keyhold-server.ts'
import { startLoad } from './load.ts'
import { describeMachine } from './machine.ts'
import type { BareReply, CryptoOrder, CryptoResult } from './messages.ts'
import { createKey, type MeasuredOperation, OPERATIONS, requestPool } from './operations.ts'
import { type Options, START_UP, WORKERS } from './options.ts'
import { startProgram } from './program.ts'
import { progress } from './progress.ts'
import type { OperationResult, Results } from './results.ts'
import { type Contestants, playRounds, prepare } from './rounds.ts'
import type { Played } from './series.ts'
import { compareWorkers, type WorkersRound } from './workers.ts'

const CONNECTIONS = [32, 64]
const STARTS = 5
const ENCRYPT = OPERATIONS[0] as MeasuredOperation

/** Plays the parts that the options name. */
export async function runParts(options: Options, cores: Cores): Promise<Results> {
  const startSeconds = options.only.includes(START_UP) ? await timeStarts() : []
  await using stopping = new AsyncDisposableStack()
  const kept = <Program extends { stop(): Promise<void> }>(program: Program): Program => {
    stopping.defer(program.stop)
    return program
  }
  const contestants: Contestants = {
    load: kept(await startLoad(cores.generator)),
    keyhold: kept(await startKeyhold({ workers: 1, core: cores.server })),
    bare: kept(
      await startProgram<BareReply, number>(
        new URL('./bare-server.ts', import.meta.url),
        cores.server,
      ),
    ),
    crypto: kept(
      await startProgram<CryptoOrder, CryptoResult>(
        new URL('./crypto-loop.ts', import.meta.url),
        cores.server,
      ),
    ),
  }
  const operations: OperationResult[] = []
  for (const operation of OPERATIONS) {
    if (!options.only.includes(operation.option)) continue
    operations.push(...(await playOperation(contestants, operation, options)))
  }
  let workers: Played<WorkersRound>[] = []
  const loaded = [...contestants.keyhold.workerPids]
  if (options.only.includes(WORKERS)) {
    const start = async (count: number) =>
      kept(await startKeyhold({ workers: count, core: undefined }))
    const [one, other, two] = [await start(1), await start(1), await start(2)]
    const loads = [kept(await startLoad(undefined)), kept(await startLoad(undefined))] as const
    progress(`two workers: ${options.warmUpSeconds} s of warm-up`)
    const ones = [await encrypting(one), await encrypting(other)] as const
    workers = await compareWorkers(loads, ones, await encrypting(two), {
      rounds: options.rounds,
      seconds: options.roundSeconds,
      warmUpSeconds: options.warmUpSeconds,
    })
    loaded.push(...[one, other, two].flatMap(({ workerPids }) => workerPids))
  }
  return {
    machine: describeMachine(cores),
    how: `${options.rounds} rounds of ${options.roundSeconds} s for each server, after ${options.warmUpSeconds} s of warm-up for each operation${options.quick ? '; a quick run' : ''}`,
    operations,
    workers,
    startSeconds,
    residentMegabytes: operations.length + workers.length > 0 ? loaded.map(residentMegabytes) : [],
  }
}

async function playOperation(
  contestants: Contestants,
  operation: MeasuredOperation,
  { warmUpSeconds, roundSeconds, rounds }: Options,
): Promise<OperationResult[]> {
  const { keyhold } = contestants
  const requests = await requestPool(keyhold, await createKey(keyhold), operation)
  progress(`${operation.name}: ${warmUpSeconds} s of warm-up for each server`)
  const bareServer = await prepare(contestants, requests, warmUpSeconds, CONNECTIONS)
  const results: OperationResult[] = []
  for (const connections of CONNECTIONS) {
    const order = { connections, seconds: roundSeconds, rounds }
    results.push({
      operation: operation.name,
      connections,
      rounds: await playRounds(contestants, bareServer, operation, requests, order),
    })
  }
  return results
}

async function encrypting(server: KeyholdServer) {
  return { server, requests: await requestPool(server, await createKey(server), ENCRYPT) }
}

async function timeStarts(): Promise<number[]> {
  const times: number[] = []
  for (let count = 0; count < STARTS; count++) {
    const server = await startKeyhold({ workers: 1, core: undefined })
    await server.stop()
    times.push(server.startSeconds)
  }
  progress(`starts: ${times.map((seconds) => seconds.toFixed(2)).join(', ')} s`)
  return times
}
