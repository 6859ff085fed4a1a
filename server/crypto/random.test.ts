// Randomness: unpredictable is not testable; what is, is that nothing comes twice or in a fixed place.
import { describe, expect, it, vi } from 'vitest'
import { putNonce, randomBytes, randomNonce, randomUuid } from './random.ts'

describe('a nonce', () => {
  it('comes only once, also across refills of the pool, and is a buffer of its own', () => {
    const nonces = Array.from({ length: 3000 }, () => randomNonce(28))
    const before = nonces.map((nonce) => nonce.toString('hex'))
    expect(new Set(before).size).toBe(nonces.length)
    for (const nonce of nonces) expect(nonce).toHaveLength(28)
    nonces[0]?.fill(0)
    expect(nonces.slice(1).map((nonce) => nonce.toString('hex'))).toEqual(before.slice(1))
  })

  it('shares no bytes with the one before it', () => {
    // 4-byte pieces of 64-byte nonces: one that came from overlapping pool bytes would repeat many.
    const pieces = Array.from({ length: 400 }, () => randomNonce(64).toString('hex').match(/.{8}/g))
    const all = pieces.flat()
    expect(new Set(all).size).toBeGreaterThan(all.length - 10)
  })

  it('A nonce is at most 64 bytes.', () => {
    expect(randomNonce(1)).toHaveLength(1)
    expect(randomNonce(64)).toHaveLength(64)
    for (const length of [0, -1, 65, 8192, Number.NaN]) {
      expect(() => randomNonce(length)).toThrow('needs: A nonce is at most 64 bytes.')
    }
  })

  it('A nonce has room where it is put.', () => {
    const target = Buffer.alloc(40)
    putNonce(target, 12, 28)
    expect(target.subarray(0, 12)).toEqual(Buffer.alloc(12))
    expect(target.subarray(12)).not.toEqual(Buffer.alloc(28))
    for (const at of [13, 40, -1, Number.NaN]) {
      expect(() => putNonce(target, at, 28)).toThrow('needs: A nonce has room where it is put.')
    }
  })
})

describe('random bytes', () => {
  it('have the length asked for and differ', () => {
    const made = Array.from({ length: 100 }, () => randomBytes(32).toString('hex'))
    expect(new Set(made).size).toBe(100)
    for (const length of [0, 1, 63, 64, 65, 4096, 100_000]) {
      expect(randomBytes(length)).toHaveLength(length)
    }
  })

  it('come only once, also across refills of the pool, and share no bytes', () => {
    const secrets = Array.from({ length: 3000 }, (_, index) => randomBytes(8 + (index % 57)))
    const pieces = secrets.flatMap((secret) => secret.toString('hex').match(/.{16}/g))
    expect(new Set(pieces).size).toBe(pieces.length)
  })

  it('are memory of their own, and leave nothing behind in the pool', () => {
    const first = randomBytes(32)
    expect(first.buffer.byteLength).toBe(32)
    const copied: Buffer[] = []
    const copy = Buffer.prototype.copy
    vi.spyOn(Buffer.prototype, 'copy').mockImplementation(function (this: Buffer, ...given) {
      copied.push(this)
      return copy.apply(this, given as Parameters<typeof copy>)
    })
    const secrets = Array.from({ length: 200 }, () => randomBytes(32))
    vi.restoreAllMocks()
    const [pool] = copied
    expect(new Set(copied).size).toBe(1)
    for (const secret of secrets) expect(pool?.includes(secret)).toBe(false)
  })
})

it('a random UUID is one of version 4', () => {
  const made = Array.from({ length: 100 }, randomUuid)
  expect(new Set(made).size).toBe(100)
  for (const uuid of made) {
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})
