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

const settle = () => new Promise((resolve) => setImmediate(resolve))
