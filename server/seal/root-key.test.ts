// The root key wraps for one use and one place; anything else does not unwrap.
import { describe, expect, it } from 'vitest'
import { fields } from '../crypto/fields.ts'
import { LABELS, type Label } from '../crypto/labels.ts'
import { secretKey } from '../crypto/secret-key.ts'
import { rootKey } from './root-key.ts'

const REFUSED = 'needs: What the root key unwraps was wrapped by it, for this use and this place.'
const key = rootKey('ab'.repeat(16), secretKey(Buffer.alloc(32, 1)))
const place = fields('access key', 'AKID', '111122223333')
const wrap = (secret = 'a secret') => key.wrap('accessKey', place, Buffer.from(secret))

describe('what was wrapped', () => {
  it('is unwrapped for the same use and place', () => {
    expect(key.unwrap('accessKey', place, wrap()).toString()).toBe('a secret')
    expect(key.unwrap('accessKey', place, wrap(''))).toHaveLength(0)
  })

  it('What the root key unwraps was wrapped by it, for this use and this place.', () => {
    const wrapped = wrap()
    const other = rootKey(key.id, secretKey(Buffer.alloc(32, 2)))
    expect(() => other.unwrap('accessKey', place, wrapped)).toThrow(REFUSED)
    for (const label of Object.keys(LABELS) as Label[]) {
      if (label !== 'accessKey') expect(() => key.unwrap(label, place, wrapped)).toThrow(REFUSED)
    }
    const otherPlace = fields('access key', 'AKID1', '11122223333')
    expect(() => key.unwrap('accessKey', otherPlace, wrapped)).toThrow(REFUSED)
    expect(() => key.unwrap('accessKey', Buffer.alloc(0), wrapped)).toThrow(REFUSED)
    for (let at = 0; at < wrapped.length; at++) {
      const flipped = Buffer.from(wrapped)
      flipped[at] = (flipped[at] as number) ^ 0x40
      expect(() => key.unwrap('accessKey', place, flipped)).toThrow(REFUSED)
      expect(() => key.unwrap('accessKey', place, wrapped.subarray(0, at))).toThrow(REFUSED)
    }
  })

  it('is other bytes each time, without the secret in them', () => {
    const all = Array.from({ length: 100 }, () => wrap().toString('latin1'))
    expect(new Set(all).size).toBe(100)
    expect(all.join()).not.toContain('a secret')
  })

  it('is zeroed where it came from', () => {
    const secret = Buffer.from('a secret')
    key.wrap('accessKey', place, secret)
    expect(secret).toEqual(Buffer.alloc(secret.length))
  })

  it('is zeroed where it came from even when it could not be wrapped', () => {
    const secret = Buffer.from('a secret')
    expect(() => key.wrap('no such label' as Label, place, secret)).toThrow()
    expect(secret).toEqual(Buffer.alloc(secret.length))
  })
})
