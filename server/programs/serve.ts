// keyhold serve: one primary process that owns the directory, and workers that serve.
// Start order: config → directory → database → listen.
import cluster from 'node:cluster'
import { type Logger, pino } from 'pino'
import { endpointOf, isLoopback, OperatorError, type ServeConfig } from '../config.ts'
import { randomUuid } from '../crypto/random.ts'
import { requirePrivateDirectory } from '../data-directory.ts'
import { listenForPages } from '../gateway/pages-listener.ts'
import { pages } from '../health.ts'
import {
  beginUnsealing,
  initialise,
  isEmptyPlace,
  openDatabase,
  readPassphrase,
  requireRootKey,
  requireRootKeyId,
  requireSeal,
  settleRotation,
} from '../installation.ts'
import { adoptionRecord } from '../operator/adoption-record.ts'
import { discardLeftRootKey, discardUnfinishedSeals } from '../operator/seal-control.ts'
import { freeLease } from '../pipeline/jobs/lease-store.ts'
import { protectedTables } from '../protected-tables.ts'
import { adoptRows, countRowsWithoutMac } from '../row-adoption-store.ts'
import type { RootKey } from '../seal/root-key.ts'
import { UnsealError, type Unsealing } from '../seal/unsealing.ts'
import { leaveRecord } from '../services/cloudtrail/service.ts'
import { lockDirectory } from '../storage/directory-lock.ts'
import type { Storage } from '../storage/storage.ts'
import { greet, greetSealed } from './greeting.ts'
import { logDestination } from './log-destination.ts'
import { openOperatorSide } from './operator-side.ts'
import { type Serving, serveAlone, serveAsWorker } from './serve-as-worker.ts'
import { serverStorage } from './server-storage.ts'
import { type Drain, onHangUp, onStopSignals } from './signals.ts'
import { serveWithWorkers } from './workers.ts'

export async function serve(config: ServeConfig): Promise<void> {
  const log = pino({ level: config.logLevel }, logDestination())
  if (cluster.isWorker) return serveAsWorker(config, log)
  if (process.getuid?.() === 0) {
    log.warn('running as root: give the server a user of its own, who owns its directory')
  }
  const { isNew, storage, unsealing } = await prepare(config, log)
  const serving = await (config.workers === 1 ? serveAlone : serveWithWorkers)(config, log)
  const closeOperatorSide = await openOperatorSide({
    config,
    storage,
    unsealing,
    log,
    holders: serving,
  })
  const closePages = await openPages(config, serving, log)
  const drain = onStopSignals(log, async () => {
    await serving.drain()
    await closePages()
    await closeOperatorSide()
  })
  onHangUp(config, serving, drain, log)
  await unsealFromDescriptor(config, unsealing)
  if (unsealing.progress().sealed) greetSealed(config, serving.port, log)
  const rootKey = await unsealing.rootKey
  await requireRootKey(storage, rootKey)
  const left = discardLeftRootKey(config.place, rootKey)
  if (left !== undefined) log.warn({ file: left }, 'not used: seal.json beside it counts')
  await lookAtRows(config, storage, rootKey, log)
  await serving.unseal(rootKey)
  greet(config, serving.port, isNew, log)
}

/** Owns the directory, and makes an installation where that cannot be an accident. */
async function prepare(config: ServeConfig, log: Logger) {
  const { place, host, port, regions } = config
  requirePrivateDirectory(place.directory)
  const isNew = isEmptyPlace(place)
  if (isNew) {
    if (place.database !== undefined || !isLoopback(host)) {
      throw new OperatorError(
        `There is no installation in ${place.directory}. Make one with: keyhold init --data ${place.directory}${place.database === undefined ? '' : ' --database …'}`,
      )
    }
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
  } else {
    requireSeal(place)
  }
  lockDirectory(place.directory)
  // Brings the database up to this release before any worker looks at it.
  const storage = await openDatabase(place)
  // The directory is ours, and its database nobody else's: whoever had the lease has ended.
  if (place.database === undefined) await freeLease(storage)
  discardUnfinishedSeals(place)
  await settleRotation(storage, place)
  const unsealing = beginUnsealing(place)
  await requireRootKeyId(storage, unsealing.rootKeyId)
  return { isNew, storage: await serverStorage(storage, log), unsealing }
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

/** Rows without a MAC are refused one by one; this tells of them all, or adopts them where asked to. */
async function lookAtRows(
  { adoptRows: isAsked }: ServeConfig,
  storage: Storage,
  rootKey: RootKey,
  log: Logger,
): Promise<void> {
  if (isAsked) {
    const adopted = await adoptRows(storage, rootKey, protectedTables, async (tx, tables) => {
      const eventId = randomUuid()
      await leaveRecord(storage, tx, eventId, adoptionRecord(eventId, tables, Date.now()))
    })
    log.warn({ adopted }, 'rows without a MAC were believed, and have one now')
    return
  }
  const rows = await countRowsWithoutMac(storage, protectedTables)
  if (rows > 0) {
    log.error(
      { rows },
      'rows without a MAC are refused. Are they older than MACs, and did only servers write to this database? Then start it once with --adopt-rows',
    )
  }
}

/** /health and /metrics on an address of their own, for the server as a whole. */
async function openPages(config: ServeConfig, serving: Serving, log: Logger): Promise<Drain> {
  const { metricsAddress } = config
  if (metricsAddress === undefined) return async () => {}
  const { port, close } = await listenForPages(metricsAddress, pages(serving))
  log.info({ endpoint: endpointOf(metricsAddress.host, port, false) }, 'health and metrics')
  return close
}
