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

/** Starts the workers; resolves once all of them listen. */
export async function serveWithWorkers(config: ServeConfig, log: Logger) {
  const aggregator = new AggregatorRegistry()
  const ready = new Set<ClusterWorker>()
  /** Those that listen already, and therefore answer at once. */
  const heard = new Set<ClusterWorker>()
  const onReady = new Set<() => void>()
  let rootKey: RootKey | undefined
  let draining = false
  let started = false

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
        if (rootKey !== undefined) sendRootKey(worker, rootKey)
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
      for (const worker of liveWorkers()) sendRootKey(worker, key)
      await allReady
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

function liveWorkers(): readonly ClusterWorker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}
