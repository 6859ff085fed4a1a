// The runner of jobs in one process, on both databases.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Moved } from '../../contract/operation.ts'
import {
  CommitOutcomeUnknownError,
  migrate,
  type Storage,
  type Transaction,
} from '../../storage/storage.ts'
import { dialects } from '../../storage/testing/dialects.ts'
import { TOLERATED_MS } from './clock-guard.ts'
import { clockGuard } from './clock-store.ts'
import { jobsMigration } from './migrations/0001-jobs.ts'
import { addChores, choresDone, choresMigration } from './testing/chores.ts'
import { TICK_MS, testRunner } from './testing/runner-parts.ts'

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `chore-${String(index).padStart(4, '0')}`)

describe.each(dialects)('The runner of jobs on $name', (dialect) => {
  const fresh = () => dialect.freshStorage([jobsMigration, choresMigration])
  const timesOf = async (storage: Storage) =>
    (await choresDone(storage)).map(({ times, recorded }) => [times, recorded.length])

  it('does everything that is due, each with its record, and tells the trail', async () => {
    const storage = await fresh()
    await addChores(storage, numbered(250))
    await addChores(storage, ['later'], 2_000_000)
    const runner = testRunner(storage, 'a')
    expect(await runner.sweep()).toBe(true)
    expect(await timesOf(storage)).toEqual([...Array(250).fill([1, 1]), [0, 0]])
    expect(new Set(runner.committed).size).toBe(250)
    runner.clock.pass(1_000_000)
    await runner.sweep()
    expect(await timesOf(storage)).toEqual(Array(251).fill([1, 1]))
    expect(runner.counts).toEqual(Array(251).fill('test/chores done'))
  })

  it('logs and counts what throws, does the rest, and tries again the next time', async () => {
    const storage = await fresh()
    await addChores(storage, ['a', 'b', 'c'])
    let broken = true
    const runner = testRunner(storage, 'a', {
      async before({ id }) {
        if (broken && id === 'b') throw new Error('out of soap')
      },
    })
    await runner.sweep()
    expect(await timesOf(storage)).toEqual([
      [1, 1],
      [0, 0],
      [1, 1],
    ])
    expect(runner.counts.toSorted()).toEqual([
      'test/chores done',
      'test/chores done',
      'test/chores failed',
    ])
    expect(runner.logged.join()).toContain('out of soap')
    broken = false
    await runner.sweep()
    expect(await timesOf(storage)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ])
  })

  it('takes back what was done, where its record cannot be stored', async () => {
    const storage = await fresh()
    await addChores(storage, ['a'])
    const runner = testRunner(storage, 'a', {
      async after() {
        throw new Error('the trail is full')
      },
    })
    await runner.sweep()
    expect(await timesOf(storage)).toEqual([[0, 0]])
    expect(runner.committed).toEqual([])
  })

  it.each([true, false])(
    'finds out what became of a commit whose answer was lost; it was made: %s',
    async (isMade) => {
      const storage = await fresh()
      await addChores(storage, ['a'])
      let lost = 0
      const write: Storage['write'] = async (work, pace) => {
        let isItem = false
        const tell = async (tx: Transaction) => {
          const made = await work(tx)
          isItem = made === 'done'
          if (isItem && !isMade && lost === 0) throw new CommitOutcomeUnknownError(`${++lost}`)
          return made
        }
        const result = await storage.write(tell, pace)
        if (isItem && isMade && lost === 0) throw new CommitOutcomeUnknownError(`${++lost}`)
        return result
      }
      const runner = testRunner({ ...storage, write }, 'a')
      await runner.sweep()
      await runner.sweep()
      expect(lost).toBe(1)
      expect(await timesOf(storage)).toEqual([[1, 1]])
      expect(runner.committed).toHaveLength(1)
    },
  )

  it('gets past more failing items than it looks for at once', async () => {
    const storage = await fresh()
    await addChores(storage, numbered(150))
    const runner = testRunner(storage, 'a', {
      async prepare({ id }) {
        if (id < 'chore-0140') throw new Error('no')
      },
    })
    await runner.sweep()
    expect((await timesOf(storage)).filter(([times]) => times === 1)).toHaveLength(10)
  })

  it('leaves for later what changed meanwhile, and does not call that a failure', async () => {
    const storage = await fresh()
    await addChores(storage, ['a'])
    let times = 0
    const runner = testRunner(storage, 'a', {
      async before() {
        if (times++ === 0) throw new Moved()
      },
    })
    await runner.sweep()
    await runner.sweep()
    expect(runner.counts).toEqual(['test/chores moved', 'test/chores done'])
    expect(runner.logged.join()).not.toContain('failed')
  })

  it('runs by itself, and not any more once it is stopped', async () => {
    const storage = await fresh()
    await addChores(storage, ['a'])
    const runner = testRunner(storage, 'a')
    runner.start()
    await expect.poll(() => timesOf(storage)).toEqual([[1, 1]])
    await addChores(storage, ['b'])
    await expect
      .poll(() => timesOf(storage))
      .toEqual([
        [1, 1],
        [1, 1],
      ])
    await runner.stop()
    await addChores(storage, ['c'])
    await sleep(5 * TICK_MS)
    expect((await timesOf(storage))[2]).toEqual([0, 0])
  })

  it('ends with the item under way when it is stopped, and leaves the rest to the next at once', async () => {
    const place = await dialect.freshPlace()
    const [first, second] = [await dialect.openAt(place), await dialect.openAt(place)]
    await migrate(first, [jobsMigration, choresMigration])
    await addChores(first, numbered(50))
    let stopped: Promise<void> | undefined
    const a = testRunner(first, 'a', {
      async prepare() {
        stopped ??= a.stop()
      },
    })
    await a.sweep()
    await stopped
    const b = testRunner(second, 'b')
    expect(await b.sweep()).toBe(true)
    const done = await choresDone(second)
    expect(done.filter(({ doneBy }) => doneBy === 'a')).toHaveLength(1)
    expect(done.every(({ times, recorded }) => times === 1 && recorded.length === 1)).toBe(true)
  })

  it('does nothing where another process has the lease', async () => {
    const place = await dialect.freshPlace()
    const [first, second] = [await dialect.openAt(place), await dialect.openAt(place)]
    await migrate(first, [jobsMigration, choresMigration])
    const [a, b] = [testRunner(first, 'a'), testRunner(second, 'b')]
    await a.sweep()
    await addChores(first, ['a'])
    expect(await b.sweep()).toBe(false)
    expect(await timesOf(first)).toEqual([[0, 0]])
  })

  it('puts off what cannot be undone while the clock is in doubt, until it is confirmed', async () => {
    const storage = await fresh()
    await addChores(storage, ['a', 'b'], 2_000_000)
    const runner = testRunner(storage, 'a', { irreversible: true })
    await runner.sweep()
    runner.clock.set({ wallMs: runner.clock.read().wallMs + TOLERATED_MS + 1 })
    await runner.sweep()
    await runner.sweep()
    expect(await timesOf(storage)).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(runner.counts).toEqual(Array(2).fill('test/chores suspended'))
    const told = runner.logged.filter((line) => line.includes('until an operator confirms'))
    expect(told).toHaveLength(1)
    await storage.write((tx) => clockGuard(storage).confirm(tx, runner.clock.read()))
    await runner.sweep()
    expect(await timesOf(storage)).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  it('goes on with what can be undone while the clock is in doubt', async () => {
    const storage = await fresh()
    const runner = testRunner(storage, 'a')
    await runner.sweep()
    runner.clock.set({ wallMs: runner.clock.read().wallMs + 10 * TOLERATED_MS })
    await addChores(storage, ['a'])
    await runner.sweep()
    expect(await timesOf(storage)).toEqual([[1, 1]])
  })
})
