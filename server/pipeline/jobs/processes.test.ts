// Several processes over one database: each item is done once, whatever happens to who does it.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../storage/storage.ts'
import { dialects } from '../../storage/testing/dialects.ts'
import { jobsMigration } from './migrations/0001-jobs.ts'
import { addChores, choresDone, choresMigration } from './testing/chores.ts'
import { type Point, runnerProcess } from './testing/processes.ts'
import { testRunner } from './testing/runner-parts.ts'

const COUNT = 12
const IDS = Array.from({ length: COUNT }, (_, index) => `chore-${String(index).padStart(2, '0')}`)
const LONG_MS = 25_000

describe.each(dialects)('Processes that run jobs on $name', (dialect) => {
  async function begin() {
    const place = await dialect.freshPlace()
    const storage = await dialect.openAt(place)
    await migrate(storage, [jobsMigration, choresMigration])
    await addChores(storage, IDS)
    const allDone = () =>
      expect
        .poll(async () => (await choresDone(storage)).filter(({ times }) => times > 0).length, {
          timeout: LONG_MS,
          interval: 50,
        })
        .toBe(COUNT)
    return { place, storage, allDone }
  }

  /** Every chore done once, and recorded once by who did it. */
  async function expectOnce({ storage }: Awaited<ReturnType<typeof begin>>) {
    const done = await choresDone(storage)
    for (const { id, times, doneBy, recorded } of done) {
      expect([id, times, recorded]).toEqual([id, 1, [doneBy]])
    }
    return new Set(done.map(({ doneBy }) => doneBy))
  }

  it('do each item once, though all of them would', async () => {
    const test = await begin()
    await Promise.all(['a', 'b', 'c', 'd'].map((who) => runnerProcess(test.place, who)))
    await test.allDone()
    expect((await expectOnce(test)).size).toBe(1)
  })

  it.each<Point>(['between transactions', 'before the work', 'before the commit'])(
    'do each item once when the one that does them is killed %s',
    async (point) => {
      const test = await begin()
      const first = await runnerProcess(test.place, 'a', point)
      await first.reached()
      first.signal('SIGKILL')
      await runnerProcess(test.place, 'b')
      await test.allDone()
      expect(await expectOnce(test)).toContain('b')
    },
    LONG_MS * 2,
  )

  // Frozen within a transaction a process of SQLite keeps the one write lock: all wait until it wakes.
  const frozen: readonly Point[] =
    dialect.name === 'sqlite'
      ? ['between transactions']
      : ['between transactions', 'before the work', 'before the commit']

  it(
    `do each item once when the one that does them is frozen ${frozen.join(', or ')}, and wakes later`,
    async () => {
      // Side by side: mostly they wait until PostgreSQL gives up the frozen transaction.
      const tries = frozen.map(async (point) => {
        const test = await begin()
        const first = await runnerProcess(test.place, 'a', point)
        await first.reached()
        first.signal('SIGSTOP')
        await runnerProcess(test.place, 'b')
        await test.allDone()
        first.signal('SIGCONT')
        // Time enough to do harm: it has an item in hand, and believes that it may.
        await sleep(500)
        expect(await expectOnce(test), point).toContain('b')
      })
      await Promise.all(tries)
    },
    LONG_MS * 2,
  )

  it.runIf(dialect.name === 'sqlite')(
    'wait for one that is frozen within its transaction, and do each item once when it wakes',
    async () => {
      const test = await begin()
      const first = await runnerProcess(test.place, 'a', 'before the commit')
      await first.reached()
      first.signal('SIGSTOP')
      const second = testRunner(test.storage, 'b')
      second.start()
      await sleep(2000)
      expect((await choresDone(test.storage)).map(({ doneBy }) => doneBy)).not.toContain('b')
      first.signal('SIGCONT')
      await test.allDone()
      await second.stop()
      await expectOnce(test)
    },
    LONG_MS * 2,
  )
})
