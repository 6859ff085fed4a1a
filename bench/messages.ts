// What the benchmark and the programs that it starts tell each other, over node's own channel.

/** One load: so many connections that each send the next request when they have their answer, or when it is due. */
export type LoadOrder = {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  readonly maxRequests: number
  /** So many requests start each second, answered or not; otherwise as many as are answered. */
  readonly perSecond?: number | undefined
  /** When to give up, after the end of the load. */
  readonly stalledAfterSeconds?: number | undefined
  /** Latin-1 text of complete HTTP requests, sent in turns. */
  readonly requests: readonly string[]
  /** The processes whose processor time counts. */
  readonly pids: readonly number[]
}

export type LoadResult = {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the processes under load. */
  readonly cpuSeconds: number
  readonly mainThreadCpuSeconds: number
  /** Processor time of the generator itself. */
  readonly generatorCpuSeconds: number
  /** Answers other than 2xx, and connections that broke. */
  readonly failures: number
  readonly firstFailure: string | undefined
}

/** What the bare server answers from now on. */
export type BareReply = { readonly contentType: string; readonly body: string }

export type CryptoOrder = {
  readonly seconds: number
  readonly plaintextBytes: number
  readonly associatedBytes: number
  readonly direction: 'encrypt' | 'decrypt'
}

/** The arithmetic of one operation that uses a private key, a MAC key, or makes a pair. */
export type KeyWork =
  | 'rsa-2048-pss'
  | 'rsa-2048-pkcs1'
  | 'p256'
  | 'p256-digest'
  | 'ed25519'
  | 'ml-dsa-65'
  | 'hmac-256'
  | 'rsa-2048-pair'
  | 'p256-pair'

export type KeyLoopOrder = { readonly seconds: number; readonly work: KeyWork }

export type KeyLoopResult = CryptoResult & { readonly cpuSeconds: number }

export type CryptoResult = { readonly operations: number; readonly seconds: number }

/** Answers each order with what `work` makes of it; the program ends with the benchmark. */
export function takeOrders<Order, Result>(work: (order: Order) => Promise<Result> | Result): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', async (order: Order) => {
    process.send?.(await work(order))
  })
  process.send?.('ready')
}
