import { describe, expect, it, vi } from 'vitest'
import { coherentCache } from './coherent-cache.ts'

type Value = { name: string }

/** A load that ends when the test says so. */
function pausedLoad() {
  const { promise, resolve, reject } = Promise.withResolvers<Value | undefined>()
  return { load: vi.fn(() => promise), resolve, reject }
}

describe('A coherent cache', () => {
  it('answers a hit at once, without a promise', async () => {
    const cache = coherentCache<Value>({ maxEntries: 10 })
    const value = { name: 'a' }
    await cache.get('a', async () => value)
    const load = vi.fn(async () => undefined)

    expect(cache.get('a', load)).toBe(value)
    expect(load).not.toHaveBeenCalled()
  })

  it('shares one load among concurrent misses', async () => {
    const cache = coherentCache<Value>({ maxEntries: 10 })
    const { load, resolve } = pausedLoad()
    const answers = [cache.get('a', load), cache.get('a', load), cache.get('a', load)]
    resolve({ name: 'a' })

    expect(await Promise.all(answers)).toEqual([{ name: 'a' }, { name: 'a' }, { name: 'a' }])
    expect(load).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['a drop', (cache: ReturnType<typeof coherentCache<Value>>) => cache.drop('a')],
    ['a clear', (cache: ReturnType<typeof coherentCache<Value>>) => cache.clear()],
  ])('does not keep what was being loaded during %s', async (_, forget) => {
    const cache = coherentCache<Value>({ maxEntries: 10 })
    const before = pausedLoad()
    const after = pausedLoad()
    const first = cache.get('a', before.load)
    forget(cache)
    const second = cache.get('a', after.load)
    after.resolve({ name: 'new' })
    await second
    before.resolve({ name: 'old' })

    expect(await first).toEqual({ name: 'old' })
    expect(cache.get('a', async () => undefined)).toEqual({ name: 'new' })
  })

  it('does not let a forgotten load that fails disturb its successor', async () => {
    const cache = coherentCache<Value>({ maxEntries: 10 })
    const before = pausedLoad()
    const after = pausedLoad()
    const first = cache.get('a', before.load)
    cache.drop('a')
    const second = cache.get('a', after.load)
    before.reject(new Error('lost'))
    await expect(first).rejects.toThrow('lost')
    after.resolve({ name: 'new' })
    await second

    expect(cache.get('a', async () => undefined)).toEqual({ name: 'new' })
  })

  it('caches neither a missing value nor a failure', async () => {
    const cache = coherentCache<Value>({ maxEntries: 10 })

    expect(await cache.get('a', async () => undefined)).toBeUndefined()
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await cache.get('a', async () => ({ name: 'a' }))).toEqual({ name: 'a' })
  })

  it('forgets one id, or all', async () => {
    const cache = coherentCache<Value>({ maxEntries: 10 })
    const reload = vi.fn(async () => ({ name: 'again' }))
    await cache.get('a', async () => ({ name: 'a' }))
    await cache.get('b', async () => ({ name: 'b' }))
    cache.drop('a')
    await cache.get('a', reload)
    expect(cache.get('b', reload)).toEqual({ name: 'b' })
    cache.clear()
    await cache.get('a', reload)
    await cache.get('b', reload)

    expect(reload).toHaveBeenCalledTimes(3)
  })

  it('holds no more than it may: what came first leaves first', async () => {
    const cache = coherentCache<Value>({ maxEntries: 2 })
    for (const id of ['a', 'b', 'c']) await cache.get(id, async () => ({ name: id }))
    const reload = vi.fn(async () => ({ name: 'again' }))

    expect(cache.get('b', reload)).toEqual({ name: 'b' })
    expect(cache.get('c', reload)).toEqual({ name: 'c' })
    expect(reload).not.toHaveBeenCalled()
    expect(await cache.get('a', reload)).toEqual({ name: 'again' })
  })
})
