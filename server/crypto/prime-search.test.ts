// RSA pairs: one after the other, in their order, and no more accepted than bearable.
import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PrimeSearchIsFull, primeSearch, rsaPairs, workOf } from './prime-search.ts'
import { primeThread, type RsaPair } from './prime-thread.ts'

const PAIR = generateKeyPairSync('ed25519')

/** A search whose pairs are there when the test says so; `begun` are those that were started. */
function searchByHand(maxWaitingWork: number) {
  const begun: number[] = []
  const ends: ((how: 'made' | 'failed') => void)[] = []
  const make = (modulusBits: number) => {
    begun.push(modulusBits)
    return new Promise<RsaPair>((resolve, reject) => {
      ends.push((how) => (how === 'made' ? resolve(PAIR) : reject(new Error('no thread'))))
    })
  }
  return { search: primeSearch({ make }, maxWaitingWork).make, begun, ends }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

it('pairs are made one after the other, in the order in which they were wanted', async () => {
  const { search, begun, ends } = searchByHand(Number.POSITIVE_INFINITY)
  const all = [2048, 4096, 3072].map(search)
  for (const expected of [[2048], [2048, 4096], [2048, 4096, 3072]]) {
    await settle()
    expect(begun).toEqual(expected)
    ends.shift()?.('made')
  }
  expect(await Promise.all(all)).toEqual([PAIR, PAIR, PAIR])
})

it('what would wait for too long is refused at once, and accepted again when there is room', async () => {
  const { search, begun, ends } = searchByHand(workOf(4096))
  // The first is being made, and does not count.
  const first = search(4096)
  // As much work as one of 4096 bits: the fourth power of half the length.
  const waiting = Array.from({ length: 16 }, () => search(2048))
  await expect(search(2048)).rejects.toThrow(PrimeSearchIsFull)
  await expect(search(4096)).rejects.toThrow(PrimeSearchIsFull)
  ends.shift()?.('made')
  await first
  await settle()
  const late = search(2048)
  await expect(search(2048)).rejects.toThrow(PrimeSearchIsFull)
  while (begun.length < 18) {
    ends.shift()?.('made')
    await settle()
  }
  ends.shift()?.('made')
  await Promise.all([...waiting, late])
  expect(begun).toEqual([4096, ...Array(17).fill(2048)])
})

it('a pair that could not be made is told of, and the next is begun', async () => {
  const { search, begun, ends } = searchByHand(workOf(4096))
  const failed = search(4096)
  const next = search(3072)
  await settle()
  ends.shift()?.('failed')
  await expect(failed).rejects.toThrow('no thread')
  await settle()
  expect(begun).toEqual([4096, 3072])
  ends.shift()?.('made')
  expect(await next).toBe(PAIR)
})

it('after a thread that failed the next pair is made by another one', async () => {
  const thread = primeThread()
  await expect(thread.make(-1)).rejects.toThrow('modulusLength')
  expect((await thread.make(1024)).privateKey.type).toBe('private')
})

it.runIf(process.platform === 'linux')(
  'primes are searched by a thread of its own with low priority, and by no other',
  async () => {
    const { privateKey, publicKey } = await rsaPairs.make(2048)
    expect(privateKey.asymmetricKeyDetails).toEqual({
      modulusLength: 2048,
      publicExponent: 65_537n,
    })
    expect([privateKey.type, publicKey.type]).toEqual(['private', 'public'])
    const niceness = readdirSync('/proc/self/task').map((thread) => {
      const read = (file: string) => readFileSync(`/proc/self/task/${thread}/${file}`, 'latin1')
      const stat = read('stat')
      return [read('comm').trim(), stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]]
    })
    const own = Object.fromEntries(niceness).MainThread ?? '0'
    // That of another test file may still rest.
    const lowered = new Set(niceness.filter(([, nice]) => nice !== own).map(String))
    expect(lowered).toEqual(new Set(['prime-search,10']))
  },
)
