// How long calls took, counted in plain arrays and made a histogram of when somebody asks: prom-client
// looks up labels at every observation, which costs a call more than finding its key.
// https://prometheus.io/docs/concepts/metric_types/#histogram
import type { Metric, Registry } from 'prom-client'

/** Observes one duration of an operation. */
export type ObserveSeconds = (seconds: number) => void

const NAME = 'keyhold_call_duration_seconds'
const HELP =
  'Time from the end of the request body to the answer, which waits for its durable record.'
const BOUNDS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const

type Series = {
  readonly labels: { readonly service: string; readonly operation: string }
  /** How many were within each bound and beyond the one before; the last, beyond all. */
  readonly counts: Float64Array
  sumSeconds: number
}

/** Adds the histogram to the registry; answers who begins the series of an operation. */
export function callDurations(
  registry: Registry,
): (service: string, operation: string) => ObserveSeconds {
  const all: Series[] = []
  const metric = {
    name: NAME,
    get: () =>
      Promise.resolve({
        name: NAME,
        help: HELP,
        type: 'histogram',
        aggregator: 'sum',
        values: all.filter(hasCalls).flatMap(valuesOf),
      }),
  }
  registry.registerMetric(metric as unknown as Metric)

  return (service, operation) => {
    const counts = new Float64Array(BOUNDS_SECONDS.length + 1)
    const series: Series = { labels: { service, operation }, counts, sumSeconds: 0 }
    all.push(series)
    return (seconds) => {
      let at = 0
      while (at < BOUNDS_SECONDS.length && seconds > (BOUNDS_SECONDS[at] as number)) at++
      counts[at] = (counts[at] as number) + 1
      series.sumSeconds += seconds
    }
  }
}

function hasCalls({ counts }: Series): boolean {
  return counts.some((count) => count > 0)
}

/** The series as prom-client tells one: buckets that hold all below their bound, sum and count. */
function valuesOf({ labels, counts, sumSeconds }: Series) {
  let total = 0
  const buckets = [...counts].map((count, at) => {
    total += count
    const le = BOUNDS_SECONDS[at] ?? '+Inf'
    return { metricName: `${NAME}_bucket`, labels: { le, ...labels }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: sumSeconds },
    { metricName: `${NAME}_count`, labels, value: total },
  ]
}
