// keyhold serve: one primary process that owns the directory, and workers that serve.
// Start order: config → directory → database → listen.
import cluster from 'node:cluster'
import { mkdirSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import { endpointOf, isLoopback, OperatorError, type ServeConfig } from '../config.ts'
import {
  beginUnsealing,
  initialise,
  isEmptyPlace,
  openDatabase,
  readPassphrase,
  requireRootKey,
  requireSeal,
} from '../installation.ts'
import type { RootKey } from '../seal/root-key.ts'
import { UnsealError, type Unsealing } from '../seal/unsealing.ts'
import { lockDirectory } from '../storage/directory-lock.ts'
import { startWorker } from '../worker.ts'
import { greet, greetSealed } from './greeting.ts'
import { openOperatorSide } from './operator-side.ts'
import { receiveRootKey } from './root-key-pipe.ts'
import { askPrimaryForMetrics, type FromWorker, type ToWorker } from './worker-messages.ts'
import { serveWithWorkers } from './workers.ts'

/** Ends what serves, in good order. */
type Drain = () => Promise<void>

const SAME_SIGNAL_MS = 250

export async function serve(config: ServeConfig): Promise<void> {
  const log = pino({ level: config.logLevel })
  if (cluster.isWorker) return serveAsWorker(config, log)
  const { isNew, storage, unsealing } = await prepare(config)
  const serving = await (config.workers === 1 ? serveAlone : serveWithWorkers)(config, log)
  const closeOperatorSide = await openOperatorSide({ config, storage, unsealing, log })
  onStopSignals(log, async () => {
    await serving.drain()
    await closeOperatorSide()
  })
  await unsealFromDescriptor(config, unsealing)
  if (unsealing.progress().sealed) greetSealed(config, serving.port, log)
  const rootKey = await unsealing.rootKey
  await requireRootKey(storage, rootKey)
  await serving.unseal(rootKey)
  greet(config, serving.port, isNew, log)
}

/** Owns the directory, and makes an installation where that cannot be an accident. */
async function prepare(config: ServeConfig) {
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
    requireSeal(place)
  }
  lockDirectory(place.directory)
  if (isNew) {
    await initialise({
      place,
      account: '111122223333',
      accessKeyId: undefined,
      secretAccessKey: undefined,
      seal: { kind: 'file' },
      withoutCredentialsFile: false,
      region: regions[0] as string,
      endpoint: endpointOf(host, port, config.tls !== undefined),
    })
  }
  // Brings the database up to this release before any worker looks at it.
  const storage = await openDatabase(place)
  return { isNew, storage, unsealing: beginUnsealing(place) }
}

/** Unseals with the passphrase on a descriptor, for a machine that starts without people. */
async function unsealFromDescriptor(config: ServeConfig, unsealing: Unsealing): Promise<void> {
  const { passphraseDescriptor: descriptor } = config
  if (descriptor === undefined || unsealing.progress().kind !== 'passphrase') return
  try {
    await unsealing.offer({ kind: 'passphrase', text: readPassphrase(descriptor) })
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    throw new OperatorError(`--passphrase-fd ${descriptor}: ${error.message}`)
  }
}

/** What serves: listening already, serving once it has the root key. */
type Serving = { readonly port: number; unseal(rootKey: RootKey): Promise<void>; drain: Drain }

async function serveAlone(config: ServeConfig, log: Logger): Promise<Serving> {
  return start(config, log, undefined)
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
  tell({ kind: 'listening', port: worker.port })
  await worker.unseal(await receiveRootKey())
  tell({ kind: 'ready' })
}

async function start(
  config: ServeConfig,
  log: Logger,
  clusterMetrics: (() => Promise<string>) | undefined,
) {
  const { place, regions, host, port, tls } = config
  const storage = await openDatabase(place)
  const { directory } = place
  return startWorker({ storage, directory, regions, host, port, tls, log, clusterMetrics })
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
