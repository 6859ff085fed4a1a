// The pages that anybody may ask for, and what they cost.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { type Health, pages } from './health.ts'

/** A server of the pages, whose looks end when the test lets them. */
async function serve() {
  const looks: { health: ((health: Health) => void)[]; metrics: ((text: string) => void)[] } = {
    health: [],
    metrics: [],
  }
  const answer = pages({
    health: () => new Promise((resolve) => looks.health.push(resolve)),
    metrics: () => new Promise((resolve) => looks.metrics.push(resolve)),
  })
  let asked = 0
  const server = createServer((request, response) => {
    answer(request, response)
    asked++
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return {
    looks,
    get: (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method }),
    asked: (times: number) => expect.poll(() => asked).toBe(times),
  }
}

it('Many who ask for health at once are told of one look; who asks later, of another', async () => {
  const { looks, get, asked } = await serve()
  const early = [get('/health'), get('/health'), get('/health')]
  await asked(3)
  expect(looks.health).toHaveLength(1)
  looks.health[0]?.({ ready: true, parts: { store: 'ok' }, why: {} })
  for (const answer of early) expect((await answer).status).toBe(200)
  const late = get('/health')
  await asked(4)
  looks.health[1]?.({ ready: false, parts: { store: 'failing' }, why: { store: 'why' } })
  expect((await late).status).toBe(503)
})

it('So it is with metrics', async () => {
  const { looks, get, asked } = await serve()
  const early = [get('/metrics'), get('/metrics')]
  await asked(2)
  expect(looks.metrics).toHaveLength(1)
  looks.metrics[0]?.('keyhold 1\n')
  for (const answer of early) expect(await (await answer).text()).toBe('keyhold 1\n')
})

it('HEAD tells the same status without a body, as load balancers ask', async () => {
  const { looks, get, asked } = await serve()
  const answer = get('/health', 'HEAD')
  await asked(1)
  looks.health[0]?.({ ready: false, parts: { store: 'failing' }, why: { store: 'why' } })
  expect((await answer).status).toBe(503)
  expect(await (await answer).text()).toBe('')
})
