// The grants of one key to one grantee, made ready to be asked: by operation, and by a pair of the
// encryption context that a request must have for the grant to apply. Fifty thousand grants that differ
// in their context cost a request no more than a few, and one that comes or goes costs itself alone.
import type { EncryptionContext } from '../material/encryption-context.ts'
import type { GrantOperation } from '../wire.ts'
import type { ContextPairs, Grant } from './grant.ts'

export type GrantIndex = {
  /** The grants that permit the operation, and whose constraints can hold for this context. */
  candidates(operation: GrantOperation, context: EncryptionContext | undefined): Iterable<Grant>
  /** All that permit the operation. */
  permitting(operation: GrantOperation): Iterable<Grant>
}

export type ChangingGrantIndex = GrantIndex & {
  /** Files those that are not filed yet: a grant never changes. */
  add(grants: readonly Grant[]): void
  remove(grantId: string): void
}

type Listed = {
  readonly all: Set<Grant>
  readonly free: Set<Grant>
  readonly byPair: Map<string, Set<Grant>>
}
/** A grant and the pair under which it is found; nothing where its constraints name none. */
type Filed = { readonly grant: Grant; readonly pair: string | undefined }

const NONE: readonly Grant[] = []

export function grantIndex(): ChangingGrantIndex {
  const filed = new Map<string, Filed>()
  const operations = new Map<GrantOperation, Listed>()
  /** How many grants have the pair. */
  const frequency = new Map<string, number>()

  function count(grant: Grant, by: 1 | -1): void {
    for (const pair of pairsOf(grant)) {
      const name = pairName(pair)
      const counted = (frequency.get(name) ?? 0) + by
      if (counted === 0) frequency.delete(name)
      else frequency.set(name, counted)
    }
  }

  function file(grant: Grant): void {
    const pair = rarest(pairsOf(grant), frequency)
    filed.set(grant.id, { grant, pair })
    for (const operation of grant.operations) {
      const listed = operations.get(operation) ?? nothingListed()
      operations.set(operation, listed)
      listed.all.add(grant)
      if (pair === undefined) listed.free.add(grant)
      else {
        const alike = listed.byPair.get(pair)
        if (alike === undefined) listed.byPair.set(pair, new Set([grant]))
        else alike.add(grant)
      }
    }
  }

  return {
    candidates(operation, context) {
      const listed = operations.get(operation)
      if (listed === undefined) return NONE
      if (context === undefined || listed.byPair.size === 0) return listed.free
      return freeAndOf(listed, context)
    },
    permitting: (operation) => operations.get(operation)?.all ?? NONE,
    add(grants) {
      const added = grants.filter(({ id }) => !filed.has(id))
      // All are counted before one is filed, so that also the first is filed under what is rare.
      for (const grant of added) count(grant, 1)
      for (const grant of added) file(grant)
    },
    remove(grantId) {
      const found = filed.get(grantId)
      if (found === undefined) return
      const { grant, pair } = found
      filed.delete(grantId)
      count(grant, -1)
      for (const operation of grant.operations) {
        const listed = operations.get(operation)
        listed?.all.delete(grant)
        listed?.free.delete(grant)
        const alike = pair === undefined ? undefined : listed?.byPair.get(pair)
        alike?.delete(grant)
        if (pair !== undefined && alike?.size === 0) listed?.byPair.delete(pair)
      }
    },
  }
}

function* freeAndOf({ free, byPair }: Listed, context: EncryptionContext): Iterable<Grant> {
  yield* free
  for (const pair of Object.entries(context)) yield* byPair.get(pairName(pair)) ?? NONE
}

function nothingListed(): Listed {
  return { all: new Set(), free: new Set(), byPair: new Map() }
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
