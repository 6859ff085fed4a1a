// The primary's view of its workers: starts them, gives each the root key, replaces those that die.
import cluster, { type Worker as ClusterWorker } from 'node:cluster'
import type { Logger } from 'pino'
import { AggregatorRegistry } from 'prom-client'
import { OperatorError, type ServeConfig } from '../config.ts'
import type { RootKey } from '../seal/root-key.ts'
import { NODE_FLAGS } from './hardening.ts'
import { sendRootKey } from './root-key-pipe.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'
import { healthOfWorkers } from './workers-health.ts'

const RESTART_AFTER_MS = 1000
const STAGE_DEADLINE_MS = 10_000

/** Starts the workers; resolves once all of them listen. */
export async function serveWithWorkers(config: ServeConfig, log: Logger) {
  const aggregator = new AggregatorRegistry()
  const ready = new Set<ClusterWorker>()
  /** Those that listen already, and therefore answer at once. */
  const heard = new Set<ClusterWorker>()
  const onReady = new Set<() => void>()
  let rootKey: RootKey | undefined
  /** The one that a rotation is about to bring in. */
  let nextRootKey: RootKey | undefined
  /** Those that were sent the root key. */
  const given = new Set<ClusterWorker>()
  let draining = false
  let started = false

  function give(worker: ClusterWorker, key: RootKey): void {
    given.add(worker)
    sendRootKey(worker, key)
    if (nextRootKey !== undefined) sendRootKey(worker, nextRootKey)
  }

  // Beside the standard streams and the channel each worker has a pipe for the root key alone.
  cluster.setupPrimary({
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
    execArgv: [...NODE_FLAGS],
  })

  const port = await new Promise<number>((resolve, reject) => {
    let listening = 0
    cluster.on('message', (worker: ClusterWorker, message: FromWorker) => {
      if (message.kind === 'listening') {
        heard.add(worker)
        if (++listening === config.workers) resolve(message.port)
        // A worker that replaces another one gets the key at once.
        if (rootKey !== undefined) give(worker, rootKey)
      } else if (message.kind === 'ready') {
        ready.add(worker)
        for (const notice of onReady) notice()
      } else if (message.kind === 'cluster health') {
        healthOfWorkers([...heard], config.workers).then((health) => {
          if (worker.isConnected()) {
            worker.send({ kind: 'cluster health', id: message.id, health } satisfies ToWorker)
          }
        })
      } else if (message.kind === 'metrics') {
        aggregator.clusterMetrics().then(
          (text) => worker.send({ kind: 'metrics', id: message.id, text } satisfies ToWorker),
          (error: unknown) => log.warn({ err: error }, 'the metrics could not be gathered'),
        )
      }
    })
    cluster.on('exit', (worker, code, signal) => {
      ready.delete(worker)
      heard.delete(worker)
      given.delete(worker)
      if (draining) return
      if (!started) {
        reject(new OperatorError('A worker did not start: its message stands above.'))
        return
      }
      log.error({ pid: worker.process.pid, code, signal }, 'a worker died and is replaced')
      setTimeout(() => draining || cluster.fork(), RESTART_AFTER_MS)
    })
    for (let index = 0; index < config.workers; index++) cluster.fork()
  })
  started = true

  return {
    port,
    health: () => healthOfWorkers([...heard], config.workers),
    metrics: () => aggregator.clusterMetrics(),
    reloadTls(): void {
      for (const worker of liveWorkers()) {
        if (worker.isConnected()) worker.send({ kind: 'reload tls' } satisfies ToWorker)
      }
    },
    async unseal(key: RootKey): Promise<void> {
      rootKey = key
      const allReady = new Promise<void>((resolve) => {
        onReady.add(() => ready.size === config.workers && resolve())
      })
      for (const worker of liveWorkers()) give(worker, key)
      await allReady
    },
    async stageRootKey(next: RootKey): Promise<void> {
      if (rootKey === undefined) throw new Error('it is not unsealed yet')
      nextRootKey = next
      await Promise.all([...given].map((worker) => staged(worker, next)))
    },
    settleRootKey(id: string): void {
      if (nextRootKey?.id === id) rootKey = nextRootKey
      nextRootKey = undefined
    },
    async drain(): Promise<void> {
      draining = true
      await Promise.all(
        liveWorkers().map(
          (worker) =>
            new Promise<void>((resolve) => {
              worker.once('exit', () => resolve())
              worker.send({ kind: 'drain' } satisfies ToWorker)
            }),
        ),
      )
    },
  }
}

/** Sends the next root key; resolves once the worker has it, or has died: another takes its place. */
function staged(worker: ClusterWorker, next: RootKey): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (failure?: Error) => {
      clearTimeout(timer)
      worker.off('message', listen)
      worker.off('exit', died)
      if (failure === undefined) resolve()
      else reject(failure)
    }
    const died = () => end()
    const listen = (message: FromWorker) => {
      if (message.kind === 'root key staged' && message.id === next.id) end()
    }
    const late = () => end(new Error(`worker ${worker.process.pid} did not take the next root key`))
    const timer = setTimeout(late, STAGE_DEADLINE_MS)
    worker.on('message', listen)
    worker.on('exit', died)
    sendRootKey(worker, next)
  })
}

function liveWorkers(): readonly ClusterWorker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}
