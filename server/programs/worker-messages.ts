// What primary and workers say to each other.
import { randomUuid } from '../crypto/random.ts'

export type FromWorker =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'metrics'; readonly id: string }

export type ToWorker =
  | { readonly kind: 'drain' }
  | { readonly kind: 'metrics'; readonly id: string; readonly text: string }

const METRICS_DEADLINE_MS = 5000

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
