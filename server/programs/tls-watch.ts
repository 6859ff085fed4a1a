// Certificates are replaced while the server runs: on SIGHUP, and by themselves within a minute.
// Connections stay; new ones get the new certificate. Broken files change nothing but the log.
import type { Logger } from 'pino'
import { fingerprintOf, loadTls, type TlsFiles } from '../gateway/tls-files.ts'

const LOOK_EVERY_MS = 60_000

/** Calls `reload` whenever the files are whole and new, or asked for; what it returns looks at once. */
export function watchTls(
  files: TlsFiles,
  reload: () => void,
  log: Logger,
  everyMs: number = LOOK_EVERY_MS,
): { reloadNow(): void; stop(): void } {
  let seen = fingerprintOf(files)

  function attempt(): void {
    // Taken before reading: what changes meanwhile is looked at again.
    seen = fingerprintOf(files)
    try {
      const { certificate } = loadTls(files)
      reload()
      const { subject, notAfterMs } = certificate
      const notAfter = new Date(notAfterMs).toISOString()
      log.info({ subject, notAfter }, 'the TLS files were loaded anew')
      if (notAfterMs < Date.now()) log.error({ notAfter }, 'the TLS certificate has expired')
    } catch (error) {
      const problem = (error as Error).message
      log.error({ problem }, 'the TLS files cannot be used: the old certificate stays in use')
    }
  }

  const timer = setInterval(() => fingerprintOf(files) === seen || attempt(), everyMs)
  timer.unref()
  return { reloadNow: attempt, stop: () => clearInterval(timer) }
}
