// A program that puts load on a server: bounded in time and in requests, one process, one thread.
// Started by `load.ts`, which gives it its orders.
import { type Connection, isGood, openConnection } from './connection.ts'
import { cpuSeconds } from './cpu-time.ts'
import { type LoadOrder, type LoadResult, takeOrders } from './messages.ts'
import { closedPace, openPace } from './pace.ts'
import { quantile } from './statistics.ts'

const MAX_LATENCIES = 2_000_000
const STALLED_AFTER_SECONDS = 10

const latencies = new Float64Array(MAX_LATENCIES)

takeOrders<LoadOrder, LoadResult>((order) => new Promise((resolve) => putUnderLoad(order, resolve)))

function putUnderLoad(order: LoadOrder, resolve: (result: LoadResult) => void): void {
  const { port, connections, seconds, maxRequests, perSecond, pids } = order
  const stalledAfterSeconds = order.stalledAfterSeconds ?? STALLED_AFTER_SECONDS
  const requests = order.requests.map((request) => Buffer.from(request, 'latin1'))
  const clients: Client[] = []
  let opened = 0
  let sent = 0
  let answers = 0
  let failures = 0
  let firstFailure: string | undefined
  let startedAtMs = 0
  let isFinished = false
  let before = cpuSeconds(pids)
  let ownBefore = process.cpuUsage()
  const stalled = setTimeout(
    () => fail('no answer for too long'),
    (seconds + stalledAfterSeconds) * 1000,
  )
  const pace = perSecond === undefined ? closedPace(send) : openPace(send, perSecond)

  for (let index = 0; index < connections; index++) {
    const client: Client = {
      dueAtMs: 0,
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
    pace.begin(clients, startedAtMs, startedAtMs + seconds * 1000)
  }

  function send(client: Client, dueAtMs: number): void {
    if (sent >= maxRequests || failures > 0) return
    client.dueAtMs = dueAtMs
    client.connection.send(requests[sent++ % requests.length] as Buffer)
  }

  function answered(client: Client, status: number, head: string): void {
    const nowMs = performance.now()
    if (answers < MAX_LATENCIES) latencies[answers] = nowMs - client.dueAtMs
    answers++
    if (!isGood(status)) {
      failures++
      firstFailure ??= head
    }
    pace.idle(client, nowMs)
    const isLast = pace.isOver(nowMs) || sent >= maxRequests || failures > 0
    if (isLast && answers === sent) finish()
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
    pace.stop()
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

type Client = { readonly connection: Connection; dueAtMs: number }
