// The health of all workers as one, for a listener that lives in the primary.
import cluster, { type Worker as ClusterWorker } from 'node:cluster'
import { randomUuid } from '../crypto/random.ts'
import { type Health, healthTogether } from '../health.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

const DEADLINE_MS = 2000

/** Asks the workers; `workers` fails where fewer than `expected` answer in time. */
export async function healthOfWorkers(
  workers: readonly ClusterWorker[],
  expected: number,
): Promise<Health> {
  const healths = await answers(workers.filter((worker) => worker.isConnected()))
  const all =
    healths.length >= expected
      ? { parts: { workers: 'ok' as const }, why: {} }
      : {
          parts: { workers: 'failing' as const },
          why: { workers: `${healths.length} of ${expected} worker processes answer` },
        }
  return healthTogether([all, ...healths])
}

function answers(workers: readonly ClusterWorker[]): Promise<readonly Health[]> {
  const id = randomUuid()
  const healths: Health[] = []
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      cluster.off('message', listen)
      resolve(healths)
    }
    const listen = (_worker: ClusterWorker, message: FromWorker) => {
      if (message.kind !== 'health' || message.id !== id) return
      healths.push(message.health)
      if (healths.length === workers.length) end()
    }
    const timer = setTimeout(end, DEADLINE_MS)
    cluster.on('message', listen)
    for (const worker of workers) worker.send({ kind: 'health', id } satisfies ToWorker)
    if (workers.length === 0) end()
  })
}
