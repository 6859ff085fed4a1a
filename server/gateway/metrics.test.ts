// What is counted in plain arrays is told as prom-client would have counted it.
import { AggregatorRegistry, Histogram, Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

const DURATIONS = [0, 0.0005, 0.00051, 0.003, 0.1, 0.7, 1, 5, 5.01, 100]

/** The lines of one metric, sorted. */
function linesOf(text: string, name: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}`))
    .sort()
}

it('durations stand in the buckets in which prom-client puts them', async () => {
  const metrics = createMetrics()
  const registry = new Registry()
  const name = 'keyhold_call_duration_seconds'
  const expected = new Histogram({
    name,
    help: 'the same',
    labelNames: ['service', 'operation'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  const encrypt = metrics.operation('kms', 'Encrypt')
  const decrypt = metrics.operation('kms', 'Decrypt')
  metrics.operation('kms', 'NeverCalled')
  for (const seconds of DURATIONS) {
    encrypt(undefined, seconds)
    expected.labels('kms', 'Encrypt').observe(seconds)
    decrypt(undefined, seconds * 2)
    expected.labels('kms', 'Decrypt').observe(seconds * 2)
  }
  const lines = linesOf(await metrics.registry.metrics(), name)
  expect(lines).toEqual(linesOf(await registry.metrics(), name))
  expect(lines).toHaveLength(2 * (12 + 2))
})

it('calls are counted by operation and error, each once, however often somebody looks', async () => {
  const metrics = createMetrics()
  const encrypt = metrics.operation('kms', 'Encrypt')
  const counted = async () => linesOf(await metrics.registry.metrics(), 'keyhold_calls_total')
  encrypt(undefined, 0.001)
  encrypt(undefined, 0.001)
  encrypt('DisabledException', 0.001)
  await counted()
  encrypt(undefined, 0.001)
  const failed =
    'keyhold_calls_total{service="kms",operation="Encrypt",error="DisabledException"} 1'
  const expected = [failed, 'keyhold_calls_total{service="kms",operation="Encrypt",error=""} 3']
  expect(await counted()).toEqual(expected.sort())
  expect(await counted()).toEqual(expected)
})

it('the durations of several workers add up', async () => {
  const [one, two] = [createMetrics(), createMetrics()]
  for (const metrics of [one, two, two]) metrics.operation('kms', 'Encrypt')(undefined, 0.002)
  const all = await Promise.all([one, two].map(({ registry }) => registry.getMetricsAsJSON()))
  const text = await AggregatorRegistry.aggregate(all).metrics()
  expect(linesOf(text, 'keyhold_call_duration_seconds_count')).toEqual([
    'keyhold_call_duration_seconds_count{service="kms",operation="Encrypt"} 3',
  ])
  expect(text).toContain('le="0.001",service="kms",operation="Encrypt"} 0')
  expect(text).toContain('le="0.0025",service="kms",operation="Encrypt"} 3')
})
