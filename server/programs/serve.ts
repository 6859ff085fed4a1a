// keyhold serve: one primary process that owns the directory, and workers that serve.
// Start order: config → directory → database → listen.
import cluster, { type Worker as ClusterWorker } from 'node:cluster'
import { mkdirSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import { AggregatorRegistry } from 'prom-client'
import { endpointOf, isLoopback, OperatorError, type ServeConfig } from '../config.ts'
import {
  type Installation,
  initialise,
  isEmptyPlace,
  openInstallation,
  requireRootKeyFile,
} from '../installation.ts'
import { lockDirectory } from '../storage/directory-lock.ts'
import { startWorker } from '../worker.ts'
import { greet } from './greeting.ts'
import { openOperatorSide } from './operator-side.ts'
import { askPrimaryForMetrics, type FromWorker, type ToWorker } from './worker-messages.ts'

/** Ends what serves, in good order. */
type Drain = () => Promise<void>

const RESTART_AFTER_MS = 1000
const SAME_SIGNAL_MS = 250

export async function serve(config: ServeConfig): Promise<void> {
  const log = pino({ level: config.logLevel })
  if (cluster.isWorker) return serveAsWorker(config, log)
  const { isNew, installation } = await prepare(config)
  const closeOperatorSide = await openOperatorSide(config, installation, log)
  const drain = await (config.workers === 1 ? serveAlone : serveWithWorkers)(config, log, isNew)
  onStopSignals(log, async () => {
    await drain()
    await closeOperatorSide()
  })
}

/** Owns the directory, and makes an installation where that cannot be an accident. */
async function prepare(
  config: ServeConfig,
): Promise<{ isNew: boolean; installation: Installation }> {
  const { place, host, port, regions } = config
  const isNew = isEmptyPlace(place)
  if (isNew) {
    if (place.database !== undefined || !isLoopback(host)) {
      throw new OperatorError(
        `There is no installation in ${place.directory}. Make one with: keyhold init --data ${place.directory}${place.database === undefined ? '' : ' --database …'}`,
      )
    }
    mkdirSync(place.directory, { recursive: true, mode: 0o700 })
  } else {
    requireRootKeyFile(place)
  }
  lockDirectory(place.directory)
  if (isNew) {
    await initialise({
      place,
      account: '111122223333',
      accessKeyId: undefined,
      secretAccessKey: undefined,
      region: regions[0] as string,
      endpoint: endpointOf(host, port, config.tls !== undefined),
    })
  }
  // Brings the database up to this release before any worker looks at it.
  return { isNew, installation: await openInstallation(place) }
}

async function serveAlone(config: ServeConfig, log: Logger, isNew: boolean): Promise<Drain> {
  const worker = await start(config, log, undefined)
  greet(config, worker.port, isNew, log)
  return worker.drain
}

async function serveAsWorker(config: ServeConfig, log: Logger): Promise<void> {
  // The primary alone hears signals and passes them on as messages.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  const tell = (message: FromWorker) => process.send?.(message)
  process.once('disconnect', () => process.exit(1))
  const worker = await start(config, log, () => askPrimaryForMetrics(tell))
  process.on('message', (message: ToWorker) => {
    if (message.kind !== 'drain') return
    worker.drain().then(() => process.exit(0))
  })
  tell({ kind: 'ready', port: worker.port })
}

async function start(
  config: ServeConfig,
  log: Logger,
  clusterMetrics: (() => Promise<string>) | undefined,
) {
  const { place, regions, host, port, tls } = config
  const installation = await openInstallation(place)
  const { directory } = place
  return startWorker({ installation, directory, regions, host, port, tls, log, clusterMetrics })
}

async function serveWithWorkers(config: ServeConfig, log: Logger, isNew: boolean): Promise<Drain> {
  const aggregator = new AggregatorRegistry()
  let draining = false
  const allReady = new Promise<number>((resolve, reject) => {
    let ready = 0
    cluster.on('message', (worker: ClusterWorker, message: FromWorker) => {
      if (message.kind === 'ready' && ++ready === config.workers) resolve(message.port)
      if (message.kind === 'metrics') {
        aggregator.clusterMetrics().then((text) => {
          worker.send({ kind: 'metrics', id: message.id, text } satisfies ToWorker)
        })
      }
    })
    cluster.on('exit', (worker, code, signal) => {
      if (draining) return
      if (ready < config.workers) {
        reject(new OperatorError('A worker did not start: see its message above.'))
        return
      }
      log.error({ pid: worker.process.pid, code, signal }, 'a worker died and is replaced')
      setTimeout(() => draining || cluster.fork(), RESTART_AFTER_MS)
    })
  })
  for (let index = 0; index < config.workers; index++) cluster.fork()
  greet(config, await allReady, isNew, log)
  return async () => {
    draining = true
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve) => {
            worker.once('exit', () => resolve())
            worker.send({ kind: 'drain' } satisfies ToWorker)
          }),
      ),
    )
  }
}

/** The first signal drains, a second one stops at once. */
function onStopSignals(log: Logger, drain: Drain): void {
  let firstMs: number | undefined
  const stop = (signal: NodeJS.Signals) => {
    if (firstMs !== undefined) {
      // A terminal gives Ctrl-C to us and to whoever started us, who passes it on: that is one signal.
      if (performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    firstMs = performance.now()
    log.info({ signal }, 'draining: a second signal stops at once')
    drain().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'draining failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
