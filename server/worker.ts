// One serving process. It listens at once, and serves when it has the root key.
import type { Logger } from 'pino'
import type { Scope } from './contract/call.ts'
import type { Foundation } from './contract/service.ts'
import { createGateway, type Receive } from './gateway/gateway.ts'
import { closeListener, listen, notYet, type Tls } from './gateway/listener.ts'
import { createMetrics } from './gateway/metrics.ts'
import { otherPages } from './health.ts'
import { createInvoke } from './pipeline/invoke.ts'
import { permissiveQuotas, silentMeter } from './pipeline/permissive.ts'
import { type Plan, plan } from './pipeline/plan.ts'
import type { RootKey } from './seal/root-key.ts'
import { startTrail } from './services/cloudtrail/service.ts'
import type { Trail } from './services/cloudtrail/trail.ts'
import { accessKeyDirectory } from './services/iam/access-key-directory.ts'
import { services } from './services.ts'
import type { Storage } from './storage/storage.ts'

export type WorkerParts = {
  readonly storage: Storage
  readonly directory: string
  readonly regions: readonly string[]
  readonly host: string
  readonly port: number
  readonly tls: Tls | undefined
  readonly log: Logger
  /** The metrics of the whole server, where this process is one of several. */
  readonly clusterMetrics: (() => Promise<string>) | undefined
}

export type Worker = {
  readonly port: number
  /** Opens the services with the root key; from then on calls are served. */
  unseal(rootKey: RootKey): Promise<void>
  /** Stops taking requests, answers those under way, and ends the chain in good order. */
  drain(): Promise<void>
}

export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { storage, directory, regions, log } = parts
  const metrics = createMetrics()
  let trail: Trail | undefined

  const other = otherPages({
    checks: {
      seal: () => {
        if (trail === undefined) throw new Error('sealed')
      },
      store: storage.ping,
      changes: storage.changes.requireCurrent,
      trail: () => {
        const failure = trail?.failure()
        if (failure !== undefined) throw failure
      },
    },
    metrics: parts.clusterMetrics ?? (() => metrics.registry.metrics()),
  })
  let receive: Receive = notYet(other)
  const { server, port } = await listen(parts, (request, response) => receive(request, response))

  return {
    port,
    async unseal(rootKey) {
      const foundation: Foundation = { storage, rootKey, regions, log }
      const opened = await openServices(foundation)
      const identities = accessKeyDirectory(storage, rootKey)
      trail = await startTrail(foundation, directory)
      const ports = { identities, trail, quotas: permissiveQuotas, meter: silentMeter }
      receive = createGateway({
        plans: opened.plans,
        identities,
        invoke: createInvoke(ports, storage, log),
        storesOf: opened.storesOf,
        regions: new Set(regions),
        requireCurrent: storage.changes.requireCurrent,
        metrics,
        other,
        log,
      })
    },
    async drain() {
      await closeListener(server)
      await trail?.close()
      await storage.close()
    },
  }
}

async function openServices(foundation: Foundation) {
  const opened = new Map<unknown, (scope: Scope) => unknown>()
  const plans: Plan[] = []
  for (const service of services) {
    opened.set(service, perScope(await service.open(foundation)))
    plans.push(...Object.values(service.operations).map((operation) => plan(service, operation)))
  }
  return {
    plans,
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
