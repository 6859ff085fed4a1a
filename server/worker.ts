// One serving process. It listens at once, and serves when it has the root key.
import type { Logger } from 'pino'
import type { Scope } from './contract/call.ts'
import type { Foundation, Service } from './contract/service.ts'
import type { TrustedRoot } from './crypto/certification-path.ts'
import { createBodyBudget } from './gateway/body-budget.ts'
import { createGateway, type Receive } from './gateway/gateway.ts'
import { listen, notYet } from './gateway/listener.ts'
import { createMetrics } from './gateway/metrics.ts'
import { sourceAddressBehind } from './gateway/source-address.ts'
import { checkHealth, type Health, NotReady, pages } from './health.ts'
import type { Listening } from './listen-config.ts'
import { createInvoke } from './pipeline/invoke.ts'
import { createInvokeOther } from './pipeline/invoke-other.ts'
import { type JobOfService, type JobRunner, openJobs } from './pipeline/jobs/jobs.ts'
import { permissiveQuotas, silentMeter } from './pipeline/permissive.ts'
import { type Plan, plan } from './pipeline/plan.ts'
import { offerMetrics } from './programs/worker-messages.ts'
import { fencedStorage } from './root-key-fence-store.ts'
import { type RootKeyWatch, watchRootKey } from './root-key-watch.ts'
import type { RootKey } from './seal/root-key.ts'
import { type RootKeyRing, rootKeyRing } from './seal/root-key-ring.ts'
import { startTrail } from './services/cloudtrail/service.ts'
import type { Trail } from './services/cloudtrail/trail.ts'
import { accessKeyUseStore } from './services/iam/access-key-use-store.ts'
import { openIdentities } from './services/iam/identities.ts'
import type { Storage } from './storage/storage.ts'

export type WorkerParts = Listening & {
  readonly services: readonly Service[]
  readonly storage: Storage
  readonly directory: string
  readonly regions: readonly string[]
  /** As in `Foundation`. */
  readonly oidcAuthorities: () => readonly string[]
  readonly nitroRoots: readonly TrustedRoot[]
  readonly log: Logger
  /** What /health and /metrics tell of the whole server, where this process is one of several. */
  readonly cluster: Pick<Worker, 'health' | 'metrics'> | undefined
  /** Whether to look for due jobs from time to time, or only when told. */
  readonly runJobs: 'by themselves' | 'when told'
}

export type Worker = {
  readonly port: number
  health(): Promise<Health>
  metrics(): Promise<string>
  /** Takes the TLS files as they are now; throws, and goes on with the old ones, where they are broken. */
  reloadTls(): void
  /** Opens the services with the root key; from then on calls are served. */
  unseal(rootKey: RootKey): Promise<void>
  /** Believes from now on what the next root key protects, too; it counts once the database says so. */
  stageRootKey(next: RootKey): Promise<void>
  /** Does now what is due; answers whether this process runs the jobs. */
  sweepJobs(): Promise<boolean>
  /** Stops taking requests, answers those under way, and ends the chain in good order. */
  drain(): Promise<void>
}

export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { services, storage, directory, regions, log } = parts
  const metrics = createMetrics()
  if (parts.cluster !== undefined) offerMetrics(metrics.registry)
  let trail: Trail | undefined
  let jobs: JobRunner | undefined

  const lastWork: (() => Promise<void>)[] = []

  let rootKeys: RootKeyRing | undefined
  let watch: RootKeyWatch | undefined

  const checks = {
    seal: () => {
      if (trail === undefined) throw new NotReady('sealed: keyhold unseal')
    },
    rootKey: () => watch?.requireUsable(),
    store: storage.ping,
    changes: storage.changes.requireCurrent,
    trail: () => {
      const failure = trail?.failure()
      if (failure !== undefined) throw failure
    },
  }
  const told = {
    health: () => checkHealth(checks),
    metrics: () => metrics.registry.metrics(),
  }
  // With a listener of their own they are not here.
  const other = parts.metricsAddress === undefined ? pages(parts.cluster ?? told) : () => false
  const budget = createBodyBudget()
  metrics.watchBodies(() => budget.heldBytes)
  let receive: Receive = notYet(other)
  const listener = await listen({ ...parts, onDropped: metrics.dropped }, (request, response) =>
    receive(request, response),
  )

  return {
    port: listener.port,
    ...told,
    reloadTls: listener.reloadTls,
    async unseal(given) {
      const rootKey = rootKeyRing(given)
      rootKeys = rootKey
      const rootKeyWatch = watchRootKey(storage, rootKey, log)
      watch = rootKeyWatch
      const fenced = fencedStorage(storage, rootKey)
      const accessKeyUses = accessKeyUseStore(fenced, rootKey, log)
      lastWork.push(accessKeyUses.flush)
      const identities = await openIdentities(fenced, rootKey, accessKeyUses)
      const foundation: Foundation = {
        storage: fenced,
        rootKey,
        identities,
        regions,
        oidcAuthorities: parts.oidcAuthorities,
        nitroRoots: parts.nitroRoots,
        log,
        beforeEnd: (work) => lastWork.push(work),
      }
      const opened = await openServices(services, foundation)
      // The trail itself is under no root key but for the one that signs it.
      trail = await startTrail({ ...foundation, storage }, directory)
      const ports = { identities, trail, quotas: permissiveQuotas, meter: silentMeter }
      const requireCurrent = () => {
        storage.changes.requireCurrent()
        rootKeyWatch.requireUsable()
      }
      const invoke = createInvoke(ports, fenced, log)
      const invoking = { ...opened, invoke, requireCurrent }
      receive = createGateway({
        ...invoking,
        invoke(plan, input, call, settle) {
          identities.noteUse(call.caller, plan.service.name, call.region, call.nowMs)
          invoke(plan, input, call, settle)
        },
        invokeOther: createInvokeOther({
          ...invoking,
          plans: [...opened.plans, ...opened.innerPlans],
        }),
        identities,
        regions: new Set(regions),
        metrics,
        budget,
        sourceAddress: sourceAddressBehind(parts.trustedProxies),
        other,
        log,
      })
      jobs = openJobs({ storage: fenced, trail, jobs: opened.jobs, log, count: metrics.job })
      if (parts.runJobs === 'by themselves') jobs.start()
    },
    async stageRootKey(next) {
      if (rootKeys === undefined) throw new Error('it is not unsealed yet')
      // An earlier rotation that it did not hear of yet: its key is not to be dropped for this one.
      await watch?.look()
      rootKeys.stage(next)
    },
    sweepJobs: () => jobs?.sweep() ?? Promise.resolve(false),
    async drain() {
      await Promise.all([listener.close(), jobs?.stop()])
      await Promise.all(lastWork.map((work) => work()))
      await trail?.close()
      await storage.close()
    },
  }
}

async function openServices(services: readonly Service[], foundation: Foundation) {
  const opened = new Map<unknown, (scope: Scope) => unknown>()
  const plans: Plan[] = []
  const innerPlans: Plan[] = []
  const jobs: JobOfService[] = []
  for (const service of services) {
    opened.set(service, perScope(await service.open(foundation)))
    plans.push(...Object.values(service.operations).map((operation) => plan(service, operation)))
    innerPlans.push(...service.innerOperations.map((operation) => plan(service, operation)))
    const { eventSource } = service
    jobs.push(...(await service.jobs(foundation)).map((job) => ({ eventSource, job })))
  }
  return {
    plans,
    innerPlans,
    jobs,
    storesOf: (plan: Plan, scope: Scope) => opened.get(plan.service)?.(scope),
  }
}

/** Opens the stores of each scope once. */
function perScope(open: (scope: Scope) => unknown): (scope: Scope) => unknown {
  const regions = new Map<string, Map<string, unknown>>()
  return (scope) => {
    const accounts = regions.get(scope.region) ?? new Map<string, unknown>()
    if (accounts.size === 0) regions.set(scope.region, accounts)
    if (!accounts.has(scope.account)) accounts.set(scope.account, open(scope))
    return accounts.get(scope.account)
  }
}
