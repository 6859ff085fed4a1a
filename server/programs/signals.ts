// What the primary does on signals: SIGTERM and SIGINT end the server, SIGHUP loads its TLS files anew.
import type { Logger } from 'pino'
import type { ServeConfig } from '../config.ts'
import type { Serving } from './serve-as-worker.ts'
import { watchTls } from './tls-watch.ts'

/** Ends what serves, in good order. */
export type Drain = () => Promise<void>

const SAME_SIGNAL_MS = 250

/** SIGHUP loads the TLS files anew. Without any it ends a server whose terminal is gone. */
export function onHangUp(
  { tls }: ServeConfig,
  serving: Serving,
  drain: (signal: NodeJS.Signals) => void,
  log: Logger,
): void {
  if (tls !== undefined) {
    process.on('SIGHUP', watchTls(tls, serving.reloadTls, log).reloadNow)
  } else if (process.stdout.isTTY) {
    process.on('SIGHUP', drain)
  } else {
    process.on('SIGHUP', () => log.warn('SIGHUP: there are no TLS files to load anew'))
  }
}

/** The first signal drains, a second one stops at once. */
export function onStopSignals(log: Logger, drain: Drain): (signal: NodeJS.Signals) => void {
  let firstMs: number | undefined
  const stop = (signal: NodeJS.Signals) => {
    if (firstMs !== undefined) {
      // A terminal gives Ctrl-C to us and to whoever started us, who passes it on: that is one signal.
      if (performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    firstMs = performance.now()
    log.info({ signal }, 'draining: a second signal stops at once')
    drain().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'draining failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return stop
}
