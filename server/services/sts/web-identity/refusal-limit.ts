// How often one address may be refused: looking at a token costs work before it is known who sent it.
// Good tokens cost nothing here, so that a whole cluster behind one address logs in as it likes.
import { LRUCache } from 'lru-cache'
import { ThrottlingException } from '../../../contract/errors.ts'

export type RefusalLimit = {
  /** Throws where the address was refused too often lately. */
  requireRoom(address: string, nowMs: number): void
  /** Counts a refusal. */
  refused(address: string, nowMs: number): void
}

const MAX_REFUSALS = 50
const REFUSALS_PER_SECOND = 5
const MAX_ADDRESSES = 10_000

export function refusalLimit(): RefusalLimit {
  // How many refusals an address had, less what time has forgiven.
  const counted = new LRUCache<string, { readonly count: number; readonly atMs: number }>({
    max: MAX_ADDRESSES,
  })
  function countOf(network: string, nowMs: number): number {
    const last = counted.get(network)
    if (last === undefined) return 0
    return Math.max(0, last.count - ((nowMs - last.atMs) / 1000) * REFUSALS_PER_SECOND)
  }
  return {
    requireRoom(address, nowMs) {
      if (countOf(networkOf(address), nowMs) >= MAX_REFUSALS) {
        throw new ThrottlingException('Rate exceeded')
      }
    },
    refused(address, nowMs) {
      const network = networkOf(address)
      counted.set(network, { count: countOf(network, nowMs) + 1, atMs: nowMs })
    },
  }
}

/** Whoever has one address of IPv6 mostly has the 2⁶⁴ around it, too: they count as one. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
