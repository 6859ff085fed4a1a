import { describe, expect, it } from 'vitest'
import { completeSettings } from './contract.ts'
import { postgresPool } from './postgres-pool.ts'
import type { PostgresSession } from './postgres-session.ts'

/** A pool over sessions that the test opens and ends by hand. */
function fakePool(max: number, busyDeadlineMs = 5000) {
  const sessions: (PostgresSession & { isAlive: boolean })[] = []
  const openings: PromiseWithResolvers<void>[] = []
  let paused = false

  async function openSession() {
    if (paused) {
      const opening = Promise.withResolvers<void>()
      openings.push(opening)
      await opening.promise
    }
    const session = {
      isAlive: true,
      openedAtMs: performance.now(),
      run: () => Promise.reject(new Error('a fake')),
      end() {
        session.isAlive = false
      },
    }
    sessions.push(session)
    return session
  }

  const pool = postgresPool(openSession, max, completeSettings({ busyDeadlineMs }))
  return { pool, sessions, openings, pause: () => (paused = true) }
}

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('The pool of sessions', () => {
  it('lends one session again and again', async () => {
    const { pool, sessions } = fakePool(5)
    for (let time = 0; time < 3; time++) (await pool.lease()).release()

    expect(sessions).toHaveLength(1)
  })

  it('opens no more sessions than it may, and serves those who wait in their order', async () => {
    const { pool, sessions } = fakePool(2)
    const held = [await pool.lease(), await pool.lease()]
    const order: string[] = []
    const waiting = ['first', 'second'].map(async (name) => {
      const lease = await pool.lease()
      order.push(name)
      lease.release()
    })
    held[0]?.release()
    await Promise.all(waiting)

    expect(order).toEqual(['first', 'second'])
    expect(sessions).toHaveLength(2)
  })

  it('never lends a session that ended, whether in use, idle, or given back as spoiled', async () => {
    const { pool, sessions } = fakePool(1)
    const inUse = await pool.lease()
    sessions[0]?.end()
    inUse.release()
    ;(await pool.lease()).release()
    sessions[1]?.end()
    ;(await pool.lease()).release('spoiled')
    const last = await pool.lease()

    expect(sessions.map(({ isAlive }) => isAlive)).toEqual([false, false, false, true])
    last.release()
  })

  it('opens another session for those who wait when one comes back ended', async () => {
    const { pool, sessions } = fakePool(1)
    const held = await pool.lease()
    const waiting = pool.lease()
    held.release('spoiled')
    ;(await waiting).release()

    expect(sessions).toHaveLength(2)
  })

  it('keeps the place of one who gave up waiting for the others', async () => {
    const { pool } = fakePool(1, 50)
    const held = await pool.lease()
    await expect(pool.lease()).rejects.toThrow('in time')
    const waiting = pool.lease()
    held.release()

    await expect(waiting).resolves.toBeDefined()
  })

  it('loses no session, and no one who waits, when an opening outlasts their patience', async () => {
    const { pool, openings, pause } = fakePool(1, 50)
    const held = await pool.lease()
    const first = pool.lease()
    pause()
    held.release('spoiled')
    await passed(30)
    const second = pool.lease()
    await passed(40)
    openings[0]?.resolve()
    ;(await first).release()

    ;(await second).release()
    ;(await pool.lease()).release()
    expect(openings).toHaveLength(1)
  })

  it('gives a lease up once, and refuses it afterwards', async () => {
    const { pool } = fakePool(1)
    const lease = await pool.lease()
    lease.release()
    lease.release()
    await expect(lease.run('select 1')).rejects.toThrow('given back')
    const held = await pool.lease()
    const waiting = pool.lease()
    lease.release('spoiled')
    held.release()

    await expect(waiting).resolves.toBeDefined()
  })

  it('ends every session when it is closed, and turns away those who wait', async () => {
    const { pool, sessions } = fakePool(2)
    const [idle, held] = [await pool.lease(), await pool.lease()]
    idle.release()
    const taken = await pool.lease()
    const waiting = pool.lease()
    pool.close()
    await expect(waiting).rejects.toThrow('closed')
    await expect(pool.lease()).rejects.toThrow('closed')
    held.release()
    taken.release()

    expect(sessions.some(({ isAlive }) => isAlive)).toBe(false)
  })
})
