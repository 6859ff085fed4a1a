// A root key and the one that follows it: what both protect is believed, for as long as both are held.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { newRootKey } from './file-seal.ts'
import { rootKeyRing } from './root-key-ring.ts'

const PLACE = Buffer.from('a place')
const TEXT = Buffer.from('a row')
const keyOf = (root: ReturnType<typeof newRootKey>) => root.lend((bytes) => bytes.toString('hex'))

describe('A ring of root keys', () => {
  it('is its only key, and no other', () => {
    const [first, foreign] = [newRootKey(), newRootKey()]
    const ring = rootKeyRing(first)
    expect([ring.id, keyOf(ring)]).toEqual([first.id, keyOf(first)])
    const wrapped = ring.wrap('domainKey', PLACE, Buffer.from('secret'))
    expect(first.unwrap('domainKey', PLACE, wrapped).toString()).toBe('secret')
    expect(() => foreign.unwrap('domainKey', PLACE, wrapped)).toThrow()
    expect(ring.isMac(TEXT, first.mac(TEXT))).toBe(true)
    expect(ring.isMac(TEXT, foreign.mac(TEXT))).toBe(false)
    expect([ring.knows(first.id), ring.knows(foreign.id)]).toEqual([true, false])
    expect(ring.follow(foreign.id)).toBe(false)
    expect(ring.id).toBe(first.id)
  })

  it('believes a staged key, and makes nothing with it', () => {
    const [first, next] = [newRootKey(), newRootKey()]
    const ring = rootKeyRing(first)
    ring.stage(next)
    expect(ring.id).toBe(first.id)
    expect(ring.mac(TEXT)).toEqual(first.mac(TEXT))
    expect(ring.isMac(TEXT, next.mac(TEXT))).toBe(true)
    const wrapped = next.wrap('domainKey', PLACE, Buffer.from('secret'))
    expect(ring.unwrap('domainKey', PLACE, wrapped).toString()).toBe('secret')
    expect(() => ring.unwrap('trailKey', PLACE, wrapped)).toThrow()
    ring.unstage()
    expect(ring.isMac(TEXT, next.mac(TEXT))).toBe(false)
    expect(() => ring.unwrap('domainKey', PLACE, wrapped)).toThrow()
    expect(ring.follow(next.id)).toBe(false)
  })

  it('goes by the staged key once the database does, and drops the old one after a while', async () => {
    const [first, next] = [newRootKey(), newRootKey()]
    const ring = rootKeyRing(first, 30)
    ring.stage(next)
    expect(ring.follow(next.id)).toBe(true)
    expect(ring.follow(next.id)).toBe(true)
    expect([ring.id, keyOf(ring)]).toEqual([next.id, keyOf(next)])
    expect(ring.isMac(TEXT, first.mac(TEXT))).toBe(true)
    while (ring.isMac(TEXT, first.mac(TEXT))) await sleep(5)
    expect(ring.follow(first.id)).toBe(false)
    expect([ring.knows(first.id), ring.knows(next.id)]).toEqual([true, true])
    expect(ring.isMac(TEXT, next.mac(TEXT))).toBe(true)
  })

  it('keeps a key that is staged while the previous one is still to be dropped', async () => {
    const [first, second, third] = [newRootKey(), newRootKey(), newRootKey()]
    const ring = rootKeyRing(first, 20)
    ring.stage(second)
    ring.follow(second.id)
    ring.stage(third)
    await sleep(50)
    expect(ring.isMac(TEXT, first.mac(TEXT))).toBe(false)
    expect(ring.isMac(TEXT, third.mac(TEXT))).toBe(true)
    expect(ring.follow(third.id)).toBe(true)
  })
})
