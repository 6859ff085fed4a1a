import { expect, it } from 'vitest'
import { zeroedAfter } from './zeroed.ts'

const ZEROS = Buffer.alloc(4)

it('Bytes are zero once what they are for was made', () => {
  const bytes = Buffer.from('abcd')
  expect(zeroedAfter(bytes, () => bytes.toString())).toBe('abcd')
  expect(bytes).toEqual(ZEROS)
})

it('Bytes stay until a promise over them is kept, and not longer', async () => {
  const bytes = Buffer.from('abcd')
  const { promise, resolve } = Promise.withResolvers<void>()
  const made = zeroedAfter(bytes, () => promise.then(() => bytes.toString()))
  expect(bytes.toString()).toBe('abcd')
  resolve()
  expect(await made).toBe('abcd')
  expect(bytes).toEqual(ZEROS)
})

it('Bytes are zero when their use failed, at once or later', async () => {
  const fail = () => {
    throw new Error('no')
  }
  const bytes = Buffer.from('abcd')
  expect(() => zeroedAfter(bytes, fail)).toThrow('no')
  expect(bytes).toEqual(ZEROS)
  const others = Buffer.from('abcd')
  await expect(zeroedAfter(others, () => Promise.resolve().then(fail))).rejects.toThrow('no')
  expect(others).toEqual(ZEROS)
})
