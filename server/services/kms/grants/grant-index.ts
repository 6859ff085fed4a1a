// The grants of one key to one grantee, made ready to be asked: by operation, and by a pair of the
// encryption context that a request must have for the grant to apply. Fifty thousand grants that differ
// in their context cost a request no more than a few.
import type { EncryptionContext } from '../material/encryption-context.ts'
import type { GrantOperation } from '../wire.ts'
import type { ContextPairs, Grant } from './grant.ts'

export type GrantIndex = {
  /** The grants that permit the operation, and whose constraints can hold for this context. */
  candidates(operation: GrantOperation, context: EncryptionContext | undefined): readonly Grant[]
  /** All that permit the operation. */
  permitting(operation: GrantOperation): readonly Grant[]
}

type Listed = {
  readonly all: Grant[]
  readonly free: Grant[]
  readonly byPair: Map<string, Grant[]>
}

const NONE: readonly Grant[] = []

export function grantIndex(grants: readonly Grant[]): GrantIndex {
  const frequency = new Map<string, number>()
  for (const grant of grants) {
    for (const pair of pairsOf(grant)) add(frequency, pairName(pair))
  }
  const operations = new Map<GrantOperation, Listed>()
  for (const grant of grants) {
    const pair = rarest(pairsOf(grant), frequency)
    for (const operation of grant.operations) {
      const listed = operations.get(operation) ?? nothingListed()
      operations.set(operation, listed)
      listed.all.push(grant)
      if (pair === undefined) listed.free.push(grant)
      else {
        const alike = listed.byPair.get(pair)
        if (alike === undefined) listed.byPair.set(pair, [grant])
        else alike.push(grant)
      }
    }
  }
  return {
    candidates(operation, context) {
      const listed = operations.get(operation)
      if (listed === undefined) return NONE
      if (context === undefined || listed.byPair.size === 0) return listed.free
      const found = [...listed.free]
      for (const pair of Object.entries(context)) {
        found.push(...(listed.byPair.get(pairName(pair)) ?? NONE))
      }
      return found
    },
    permitting: (operation) => operations.get(operation)?.all ?? NONE,
  }
}

function nothingListed(): Listed {
  return { all: [], free: [], byPair: new Map() }
}

function pairsOf({ constraints: { equals, subset } }: Grant): ContextPairs {
  return [...(equals ?? []), ...(subset ?? [])]
}

/** The pair that the fewest of the grants have, so that as few as possible are looked at for it. */
function rarest(pairs: ContextPairs, frequency: ReadonlyMap<string, number>): string | undefined {
  let found: string | undefined
  for (const pair of pairs) {
    const name = pairName(pair)
    if (found === undefined || (frequency.get(name) ?? 0) < (frequency.get(found) ?? 0))
      found = name
  }
  return found
}

/** No two pairs have the same: the length of the key tells where it ends. */
function pairName([key, value]: readonly [string, string]): string {
  return `${key.length}:${key}${value}`
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
