// A thread of its own for the search of primes, with low priority: neither the event loop nor libuv's pool,
// which writes the audit trail, waits for them. It runs `prime-thread-main.mjs`.
import type { KeyObject } from 'node:crypto'
import { Worker } from 'node:worker_threads'

export type RsaPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject }

export type RsaPairs = {
  make(modulusBits: number): Promise<RsaPair>
}

/** The thread holds some megabytes: it ends when nobody needed it for so long, and starts again. */
const IDLE_MS = 30_000
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 }

/** Makes one at a time: the next may be wanted only when this one is there. */
export function primeThread(): RsaPairs {
  let thread: Worker | undefined
  let idle: NodeJS.Timeout | undefined

  function running(): Worker {
    clearTimeout(idle)
    if (thread !== undefined) return thread
    const started = new Worker(new URL('./prime-thread-main.mjs', import.meta.url), {
      name: 'prime-search',
      resourceLimits: RESOURCE_LIMITS,
    })
    const drop = () => {
      if (thread === started) thread = undefined
    }
    // Between the two it takes no work any more. Without a listener an error while it rests would end the server.
    started.on('error', drop).once('exit', drop)
    thread = started
    return started
  }

  function rest(worker: Worker): void {
    // While it is idle, it keeps no program from ending.
    worker.unref()
    idle = setTimeout(() => {
      if (thread === worker) thread = undefined
      void worker.terminate()
    }, IDLE_MS).unref()
  }

  return {
    async make(modulusBits) {
      const worker = running()
      worker.ref()
      try {
        return await answer(worker, modulusBits)
      } finally {
        rest(worker)
      }
    },
  }
}

function answer(worker: Worker, modulusBits: number): Promise<RsaPair> {
  const { promise, resolve, reject } = Promise.withResolvers<RsaPair>()
  const ended = () => reject(new Error('the thread that searches primes ended'))
  worker.once('message', resolve).once('error', reject).once('exit', ended)
  worker.postMessage(modulusBits)
  return promise.finally(() => {
    worker.off('message', resolve).off('error', reject).off('exit', ended)
  })
}
