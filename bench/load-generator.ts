// A program that puts load on a server: bounded in time and in requests, one process, one thread.
// Started by `load.ts`, which gives it its orders.
import { type Connection, isGood, openConnection } from './connection.ts'
import { cpuSeconds } from './cpu-time.ts'
import { type LoadOrder, type LoadResult, takeOrders } from './messages.ts'
import { quantile } from './statistics.ts'

const MAX_LATENCIES = 2_000_000
const STALLED_AFTER_MS = 10_000

const latencies = new Float64Array(MAX_LATENCIES)

takeOrders<LoadOrder, LoadResult>((order) => new Promise((resolve) => putUnderLoad(order, resolve)))

function putUnderLoad(order: LoadOrder, resolve: (result: LoadResult) => void): void {
  const { port, connections, seconds, maxRequests, pids } = order
  const requests = order.requests.map((request) => Buffer.from(request, 'latin1'))
  const clients: Client[] = []
  let opened = 0
  let sent = 0
  let answers = 0
  let failures = 0
  let firstFailure: string | undefined
  let startedAtMs = 0
  let endAtMs = 0
  let isFinished = false
  let before = cpuSeconds(pids)
  let ownBefore = process.cpuUsage()
  const stalled = setTimeout(
    () => fail('no answer for too long'),
    seconds * 1000 + STALLED_AFTER_MS,
  )

  for (let index = 0; index < connections; index++) {
    const client: Client = {
      sentAtMs: 0,
      connection: openConnection(port, {
        opened: () => {
          if (++opened === connections) begin()
        },
        answered: (status, head) => answered(client, status, head),
        broken: fail,
      }),
    }
    clients.push(client)
  }

  function begin(): void {
    before = cpuSeconds(pids)
    ownBefore = process.cpuUsage()
    startedAtMs = performance.now()
    endAtMs = startedAtMs + seconds * 1000
    for (const client of clients) send(client, startedAtMs)
  }

  function send(client: Client, nowMs: number): void {
    client.sentAtMs = nowMs
    client.connection.send(requests[sent++ % requests.length] as Buffer)
  }

  function answered(client: Client, status: number, head: string): void {
    const nowMs = performance.now()
    if (answers < MAX_LATENCIES) latencies[answers] = nowMs - client.sentAtMs
    answers++
    if (!isGood(status)) {
      failures++
      firstFailure ??= head
    }
    if (nowMs < endAtMs && sent < maxRequests && failures === 0) send(client, nowMs)
    else if (answers === sent) finish()
  }

  function fail(reason: string): void {
    failures++
    firstFailure ??= reason
    finish()
  }

  function finish(): void {
    if (isFinished) return
    isFinished = true
    clearTimeout(stalled)
    const tookSeconds = (performance.now() - startedAtMs) / 1000
    const after = cpuSeconds(pids)
    const { user, system } = process.cpuUsage(ownBefore)
    for (const { connection } of clients) connection.close()
    const ascending = latencies.subarray(0, Math.min(answers, MAX_LATENCIES)).sort()
    resolve({
      requests: answers,
      seconds: tookSeconds,
      p50Ms: quantile(ascending, 0.5),
      p99Ms: quantile(ascending, 0.99),
      cpuSeconds: after.all - before.all,
      mainThreadCpuSeconds: after.mainThreads - before.mainThreads,
      generatorCpuSeconds: (user + system) / 1e6,
      failures,
      firstFailure,
    })
  }
}

type Client = { readonly connection: Connection; sentAtMs: number }
