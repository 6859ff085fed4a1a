// Keys as handles: the buffers they come from and go to are zeroed.
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { secretKey, withKeyBytes } from './secret-key.ts'

it('a key takes over its buffer and zeroes it', () => {
  const bytes = Buffer.from('0123456789abcdef0123456789abcdef')
  const key = secretKey(bytes)
  expect(bytes).toEqual(Buffer.alloc(32))
  expect(withKeyBytes(key, (lent) => lent.toString())).toBe('0123456789abcdef0123456789abcdef')
})

it('bytes lent from a key are zeroed when they come back', () => {
  const key = secretKey(Buffer.alloc(32, 1))
  let kept: Buffer = Buffer.alloc(0)
  withKeyBytes(key, (lent) => {
    kept = lent
    expect(lent).toEqual(Buffer.alloc(32, 1))
  })
  expect(kept).toEqual(Buffer.alloc(32))
})

it('bytes lent from a key are zeroed even when their use throws', () => {
  const key = secretKey(Buffer.alloc(32, 1))
  let kept: Buffer = Buffer.alloc(0)
  const use = () =>
    withKeyBytes(key, (lent) => {
      kept = lent
      throw new Error('in use')
    })
  expect(use).toThrow('in use')
  expect(kept).toEqual(Buffer.alloc(32))
  expect(withKeyBytes(key, (lent) => lent[0])).toBe(1)
})

it('a key shows nothing of itself in text', () => {
  const key = secretKey(Buffer.from('S3CR3T-0123456789abcdef012345678'))
  for (const text of [
    String(key),
    JSON.stringify(key),
    inspect(key, { depth: 9, showHidden: true }),
  ]) {
    expect(text).not.toContain('S3CR3T')
    expect(text).not.toContain(Buffer.from('S3CR3T').toString('hex'))
  }
})
