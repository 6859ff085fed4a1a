// Metrics for Prometheus. https://prometheus.io/docs/practices/naming/
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { signsDigestsNatively } from '../crypto/signature.ts'
import { callDurations } from './call-durations.ts'

export type Metrics = {
  readonly registry: Registry
  /** Counts an answered call; made once per operation because labels cost. */
  operation(
    service: string,
    operation: string,
  ): (error: string | undefined, seconds: number) => void
  /** Counts a request that was refused before it became a call. */
  refused(error: string): void
  /** Counts a connection that was closed because there were too many. */
  dropped(): void
  /** Tells how many bytes of bodies are held for senders that are not known yet. */
  watchBodies(heldBytes: () => number): void
  /** Counts an item that a job took up. */
  job(job: string, outcome: string): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const successes: { handOver(): void }[] = []
  const calls = new Counter({
    name: 'keyhold_calls_total',
    help: 'Calls answered, by service, operation and error (empty when it succeeded).',
    labelNames: ['service', 'operation', 'error'] as const,
    registers: [registry],
    collect() {
      for (const succeeded of successes) succeeded.handOver()
    },
  })
  const durationsOf = callDurations(registry)
  const refusals = new Counter({
    name: 'keyhold_refused_requests_total',
    help: 'Requests refused before they became a call: not signed, not known, too large.',
    labelNames: ['error'] as const,
    registers: [registry],
  })
  const jobs = new Counter({
    name: 'keyhold_job_items_total',
    help: 'Items that jobs took up, by job and outcome: done, nothing, suspended, moved, failed.',
    labelNames: ['job', 'outcome'] as const,
    registers: [registry],
  })
  const dropped = new Counter({
    name: 'keyhold_dropped_connections_total',
    help: 'Connections closed at once because there were --max-connections already.',
    registers: [registry],
  })
  new Gauge({
    name: 'keyhold_digest_signing_native',
    help: '1 where private keys stay within OpenSSL whatever they sign, 0 where some are used in JavaScript.',
    aggregator: 'min',
    registers: [registry],
  }).set(signsDigestsNatively() ? 1 : 0)
  return {
    registry,
    operation(service, operation) {
      const observe = durationsOf(service, operation)
      let succeeded = 0
      successes.push({
        handOver() {
          if (succeeded > 0) calls.labels(service, operation, '').inc(succeeded)
          succeeded = 0
        },
      })
      return (error, seconds) => {
        observe(seconds)
        if (error === undefined) succeeded++
        else calls.labels(service, operation, error).inc()
      }
    },
    refused: (error) => refusals.labels(error).inc(),
    dropped: () => dropped.inc(),
    watchBodies(heldBytes) {
      new Gauge({
        name: 'keyhold_unauthenticated_body_bytes',
        help: 'Request bodies held for senders whose signature was not verified yet.',
        registers: [registry],
        collect() {
          this.set(heldBytes())
        },
      })
    },
    job: (job, outcome) => jobs.labels(job, outcome).inc(),
  }
}
