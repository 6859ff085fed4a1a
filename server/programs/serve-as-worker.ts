// One serving process: on its own, or as one of several that the primary started.
import type { Logger } from 'pino'
import type { ServeConfig } from '../config.ts'
import { openDatabase } from '../installation.ts'
import { services } from '../services.ts'
import { startWorker, type Worker, type WorkerParts } from '../worker.ts'
import { receiveRootKeys } from './root-key-pipe.ts'
import { serverStorage } from './server-storage.ts'
import {
  askPrimaryForHealth,
  askPrimaryForMetrics,
  type FromWorker,
  type ToWorker,
} from './worker-messages.ts'

/** What serves: listening already, serving once it has the root key. */
export type Serving = Pick<
  Worker,
  'port' | 'health' | 'metrics' | 'reloadTls' | 'unseal' | 'drain' | 'stageRootKey'
> & {
  /** Told which root key counts from now on. */
  settleRootKey(id: string): void
}

export async function serveAlone(config: ServeConfig, log: Logger): Promise<Serving> {
  const worker = await start(config, log, undefined)
  // It hears of that by the change feed.
  return { ...worker, settleRootKey() {} }
}

export async function serveAsWorker(config: ServeConfig, log: Logger): Promise<void> {
  // The primary alone hears signals and passes them on as messages.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const tell = (message: FromWorker) => process.send?.(message)
  process.once('disconnect', () => process.exit(1))
  // The primary may be told to end while this worker is starting: then there is nothing to end.
  let started: Worker | undefined
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'drain') {
      ;(started?.drain() ?? Promise.resolve()).then(() => process.exit(0))
    } else if (message.kind === 'health') {
      started?.health().then((health) => tell({ kind: 'health', id: message.id, health }))
    } else if (message.kind === 'reload tls') {
      reloadTls(started, log)
    }
  })
  const worker = await start(config, log, {
    health: () => askPrimaryForHealth(tell),
    metrics: () => askPrimaryForMetrics(tell),
  })
  started = worker
  tell({ kind: 'listening', port: worker.port })
  await receiveRootKeys(async (rootKey, isFirst) => {
    if (isFirst) {
      await worker.unseal(rootKey)
      tell({ kind: 'ready' })
    } else {
      await worker.stageRootKey(rootKey)
      tell({ kind: 'root key staged', id: rootKey.id })
    }
  })
}

async function start(config: ServeConfig, log: Logger, cluster: WorkerParts['cluster']) {
  const { place } = config
  const storage = await serverStorage(await openDatabase(place), log)
  const { directory } = place
  const runJobs = 'by themselves'
  return startWorker({ ...config, services, storage, directory, log, cluster, runJobs })
}

/** The primary has looked at the files and found them whole; they may have changed since. */
function reloadTls(worker: Worker | undefined, log: Logger): void {
  try {
    worker?.reloadTls()
  } catch (error) {
    log.error({ err: error }, 'the TLS files cannot be used: the old certificate stays in use')
  }
}
