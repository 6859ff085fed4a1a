// What primary and workers say to each other.
import { AggregatorRegistry, type Registry } from 'prom-client'
import { randomUuid } from '../crypto/random.ts'
import type { Health } from '../health.ts'

export type FromWorker =
  | { readonly kind: 'health'; readonly id: string; readonly health: Health }
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'root key staged'; readonly id: string }
  | { readonly kind: 'metrics'; readonly id: string }
  | { readonly kind: 'cluster health'; readonly id: string }

export type ToWorker =
  | { readonly kind: 'health'; readonly id: string }
  | { readonly kind: 'reload tls' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'metrics'; readonly id: string; readonly text: string }
  | { readonly kind: 'cluster health'; readonly id: string; readonly health: Health }

const PRIMARY_DEADLINE_MS = 5000

/** Gives the primary this worker's metrics whenever it gathers them, by prom-client's own messages. */
export function offerMetrics(registry: Registry): void {
  AggregatorRegistry.setRegistries(registry)
  // It listens for them from its making on.
  void new AggregatorRegistry()
}

type Tell = (message: FromWorker) => void

/** The metrics of all workers together, which only the primary can gather. */
export async function askPrimaryForMetrics(tell: Tell): Promise<string> {
  return (await askPrimary(tell, 'metrics')).text
}

/** The health of all workers as one: a part that fails in one of them fails. */
export async function askPrimaryForHealth(tell: Tell): Promise<Health> {
  try {
    return (await askPrimary(tell, 'cluster health')).health
  } catch {
    const why = { workers: 'the primary process does not answer' }
    return { ready: false, parts: { workers: 'failing' }, why }
  }
}

function askPrimary<Kind extends 'metrics' | 'cluster health'>(
  tell: Tell,
  kind: Kind,
): Promise<Extract<ToWorker, { readonly kind: Kind }>> {
  const id = randomUuid()
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      process.off('message', listen)
    }
    const listen = (message: ToWorker) => {
      if (message.kind !== kind || !('id' in message) || message.id !== id) return
      end()
      resolve(message as Extract<ToWorker, { readonly kind: Kind }>)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error('the primary did not answer'))
    }, PRIMARY_DEADLINE_MS)
    process.on('message', listen)
    tell({ kind, id })
  })
}
