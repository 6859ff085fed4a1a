// Turns: as many at once as there are, the rest in order, and a failure frees its place.
import { expect, it } from 'vitest'
import { turnstile } from './thread-pool.ts'

it('a turnstile lets so many in at once, and the others in their order', async () => {
  const enter = turnstile(2)
  const doors: (() => void)[] = []
  const begun: number[] = []
  const work = (number: number) =>
    enter(() => {
      begun.push(number)
      return new Promise<number>((resolve) => doors.push(() => resolve(number)))
    })
  const all = Promise.all([work(1), work(2), work(3), work(4)])
  await settle()
  expect(begun).toEqual([1, 2])
  doors[1]?.()
  await settle()
  expect(begun).toEqual([1, 2, 3])
  doors[0]?.()
  doors[2]?.()
  await settle()
  doors[3]?.()
  expect(await all).toEqual([1, 2, 3, 4])
})

it('a turnstile gives the place of work that failed to the next', async () => {
  const enter = turnstile(1)
  const failed = enter(() => Promise.reject(new Error('no')))
  const next = enter(() => Promise.resolve('yes'))
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
  expect(await enter(() => Promise.resolve('again'))).toBe('again')
})

it('what is done while many wait goes on in bunches, and none is left behind', async () => {
  const enter = turnstile(1, 3)
  const doors: (() => void)[] = []
  const over: number[] = []
  const all = [1, 2, 3, 4, 5, 6, 7].map((number) =>
    enter(() => new Promise<void>((resolve) => doors.push(resolve))).then(() => over.push(number)),
  )
  const seen: number[] = []
  while (over.length < 7) {
    await settle()
    doors.shift()?.()
    await settle()
    seen.push(over.length)
  }
  // Three together while at least as many wait; the last ones wait for nobody.
  expect(seen).toEqual([0, 0, 3, 3, 5, 6, 7])
  expect(over).toEqual([1, 2, 3, 4, 5, 6, 7])
  await Promise.all(all)
})

it('work that failed goes on in its bunch, and fails', async () => {
  const enter = turnstile(1, 2)
  const outcomes = await Promise.allSettled(
    [1, 2, 3, 4].map((number) =>
      enter(() => (number % 2 === 1 ? Promise.reject(new Error('odd')) : Promise.resolve(number))),
    ),
  )
  expect(outcomes.map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
})

const settle = () => new Promise((resolve) => setImmediate(resolve))
