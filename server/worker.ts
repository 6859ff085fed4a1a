// One serving process: its trail, its services, its gateway.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Scope } from './contract/call.ts'
import type { Foundation } from './contract/service.ts'
import { createGateway } from './gateway/gateway.ts'
import { createMetrics } from './gateway/metrics.ts'
import { otherPages } from './health.ts'
import type { Installation } from './installation.ts'
import { createInvoke } from './pipeline/invoke.ts'
import { permissiveQuotas, silentMeter } from './pipeline/permissive.ts'
import { type Plan, plan } from './pipeline/plan.ts'
import { startTrail } from './services/cloudtrail/service.ts'
import { accessKeyDirectory } from './services/iam/access-key-directory.ts'
import { services } from './services.ts'
import type { Storage } from './storage/storage.ts'

const DRAIN_DEADLINE_MS = 15_000

export type WorkerParts = {
  readonly installation: Installation
  readonly directory: string
  readonly regions: readonly string[]
  readonly host: string
  readonly port: number
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined
  readonly log: Logger
  /** The metrics of the whole server, where this process is one of several. */
  readonly clusterMetrics: (() => Promise<string>) | undefined
}

export type Worker = {
  readonly port: number
  readonly storage: Storage
  /** Stops taking requests, answers those under way, and ends the chain in good order. */
  drain(): Promise<void>
}

export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { installation, log } = parts
  const { storage, rootKey } = installation
  const foundation: Foundation = { storage, rootKey, regions: parts.regions, log }
  const trail = await startTrail(foundation, parts.directory)
  const identities = accessKeyDirectory(storage, rootKey)
  const ports = { identities, trail, quotas: permissiveQuotas, meter: silentMeter }

  const opened = new Map<unknown, (scope: Scope) => unknown>()
  const plans: Plan[] = []
  for (const service of services) {
    opened.set(service, perScope(await service.open(foundation)))
    plans.push(...Object.values(service.operations).map((operation) => plan(service, operation)))
  }

  const metrics = createMetrics()
  const server = createGateway({
    plans,
    identities,
    invoke: createInvoke(ports, storage, log),
    storesOf: (plan, scope) => opened.get(plan.service)?.(scope),
    regions: new Set(parts.regions),
    requireCurrent: storage.changes.requireCurrent,
    metrics,
    other: otherPages({
      checks: {
        store: storage.ping,
        changes: storage.changes.requireCurrent,
        trail: () => {
          const failure = trail.failure()
          if (failure !== undefined) throw failure
        },
      },
      metrics: parts.clusterMetrics ?? (() => metrics.registry.metrics()),
    }),
    tls: parts.tls,
    log,
  })
  const port = await listen(server, parts.host, parts.port)
  return {
    port,
    storage,
    async drain() {
      await closeServer(server)
      await trail.close()
      await storage.close()
    },
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

/** Lets requests under way end; connections without one are closed as they fall idle. */
async function closeServer(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_DEADLINE_MS)
  await new Promise<void>((resolve) => server.close(() => resolve()))
  clearInterval(sweep)
  clearTimeout(deadline)
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
