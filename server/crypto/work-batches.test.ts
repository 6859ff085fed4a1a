// Batches: few tasks are spread, many go together, and each fails for itself.
import { expect, it } from 'vitest'
import { workBatches } from './work-batches.ts'

/** Batches whose end the test tells; `begun` are those that were started. */
function batchesByHand(places: number, maxCost: number) {
  const begun: (readonly number[])[] = []
  const ends: ((results: readonly (string | undefined)[] | Error) => void)[] = []
  const add = workBatches<number, string>({
    run: (tasks) => {
      begun.push(tasks)
      return new Promise((resolve, reject) => {
        ends.push((results) => (results instanceof Error ? reject(results) : resolve(results)))
      })
    },
    costOf: (task) => task,
    maxCost,
    places,
  })
  const end = async (at: number) => {
    ends[at]?.((begun[at] ?? []).map((task) => `${task} done`))
    await settle()
  }
  return { add, begun, ends, end }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))
const ones = (count: number) => Array<number>(count).fill(1)

it('few tasks are spread over all places', async () => {
  const { add, begun } = batchesByHand(3, 8)
  for (const task of ones(3)) void add(task)
  await settle()
  expect(begun).toEqual([[1], [1], [1]])
})

it('many tasks go together, as many as a batch may cost, and the others wait for a place', async () => {
  const { add, begun, end } = batchesByHand(2, 4)
  const all = Promise.all(ones(11).map(add))
  await settle()
  expect(begun).toEqual([ones(4), ones(4)])
  await end(1)
  expect(begun.slice(2)).toEqual([ones(3)])
  await end(0)
  await end(2)
  expect(await all).toEqual(Array(11).fill('1 done'))
  expect(begun).toHaveLength(3)
})

it('what waits is done in the order in which it came, however much of it goes together', async () => {
  const { add, begun, end } = batchesByHand(1, 10)
  const over: string[] = []
  for (const task of [4, 5, 3, 20, 2, 1]) void add(task).then((result) => over.push(result))
  await settle()
  for (let at = 0; at < 4; at++) await end(at)
  // One task that costs more than a batch may is a batch of its own.
  expect(begun).toEqual([[4, 5], [3], [20], [2, 1]])
  expect(over).toEqual([4, 5, 3, 20, 2, 1].map((task) => `${task} done`))
})

it('a task of which nothing came fails, and none beside it', async () => {
  const { add, ends } = batchesByHand(1, 8)
  const all = Promise.allSettled([1, 2, 3].map(add))
  await settle()
  ends[0]?.(['one', undefined, 'three'])
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

it('a batch that failed fails with all of its tasks, and frees its place', async () => {
  const { add, begun, ends, end } = batchesByHand(1, 2)
  const failed = Promise.allSettled([add(1), add(1)])
  const next = add(2)
  await settle()
  ends[0]?.(new Error('no thread'))
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await settle()
  expect(begun).toEqual([[1, 1], [2]])
  await end(1)
  expect(await next).toBe('2 done')
  const late = add(1)
  await settle()
  await end(2)
  expect(await late).toBe('1 done')
})
