// The operator's word on the clock: deletion that waits for it goes on, and the trail has it.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clockGuard } from '../pipeline/jobs/clock-store.ts'
import { machineClock } from '../pipeline/jobs/machine-clock.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'

let server: OperatedServer
beforeAll(async () => {
  server = await operatedServer()
  await server.serving
})
afterAll(() => server.close())

it('ConfirmClock ends the doubt of a clock that ran ahead, and is recorded', async () => {
  const guard = clockGuard(server.storage)
  const now = machineClock()()
  // As if the clock had stood two hours behind a moment ago.
  const behind = { ...now, wallMs: now.wallMs - 2 * 3_600_000 }
  await server.storage.write((tx) => guard.watch(tx, behind))
  await server.storage.write((tx) => guard.watch(tx, now))
  expect(await guard.isSuspended()).toBe(true)

  const { status, body } = await server.operator('ConfirmClock')
  expect(status).toBe(200)
  expect(Math.abs(Date.parse(body.Time as string) - Date.now())).toBeLessThan(60_000)
  expect(await guard.isSuspended()).toBe(false)
  expect(await server.records()).toContainEqual(
    expect.objectContaining({ eventName: 'ConfirmClock', readOnly: false }),
  )
})
