// What primary and workers say to each other.
import { AggregatorRegistry, type Registry } from 'prom-client'
import { randomUuid } from '../crypto/random.ts'
import type { Health } from '../health.ts'

export type FromWorker =
  | { readonly kind: 'health'; readonly id: string; readonly health: Health }
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'metrics'; readonly id: string }

export type ToWorker =
  | { readonly kind: 'health'; readonly id: string }
  | { readonly kind: 'reload tls' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'metrics'; readonly id: string; readonly text: string }

const METRICS_DEADLINE_MS = 5000

/** Gives the primary this worker's metrics whenever it gathers them, by prom-client's own messages. */
export function offerMetrics(registry: Registry): void {
  AggregatorRegistry.setRegistries(registry)
  // It listens for them from its making on.
  void new AggregatorRegistry()
}

/** The metrics of all workers together, which only the primary can gather. */
export function askPrimaryForMetrics(tell: (message: FromWorker) => void): Promise<string> {
  const id = randomUuid()
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      process.off('message', listen)
    }
    const listen = (message: ToWorker) => {
      if (message.kind !== 'metrics' || message.id !== id) return
      end()
      resolve(message.text)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error('the primary did not answer'))
    }, METRICS_DEADLINE_MS)
    process.on('message', listen)
    tell({ kind: 'metrics', id })
  })
}
