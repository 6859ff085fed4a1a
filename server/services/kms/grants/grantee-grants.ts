// What one grantee has on one key, as a process keeps it: read once, page by page, and from then on the
// changed grants alone. A grant never changes: of an id that the change feed names, the database says
// whether it is there.
import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Awaitable } from '../../../contract/operation.ts'
import type { Grant } from './grant.ts'
import { type GrantIndex, grantIndex } from './grant-index.ts'

/** What is read of the grantee's grants; whatever is wrong with one of them is thrown. */
export type GrantReads = {
  /** At most `limit` of all, after this grant id, by grant id. */
  page(after: string | undefined, limit: number): Promise<readonly Grant[]>
  /** Those of these that are there. */
  those(grantIds: readonly string[]): Promise<readonly Grant[]>
}

export type GranteeGrants = {
  /**
   * As they are: at once where all that was heard has been read, otherwise after a read that begins
   * after what was heard. A read that fails is made again for the next who asks: nobody is answered
   * from what may have changed.
   */
  current(): Awaitable<GrantIndex>
  /** Hears that this grant was made or is gone. False where too many are unread: forget all, then. */
  hear(grantId: string): boolean
}

/** How many are read and verified before others have their turn: some milliseconds. */
const PAGE = 200
/** Reading all again costs less than remembering more that nobody asked for since. */
const MOST_UNREAD = 1000

export function granteeGrants(reads: GrantReads): GranteeGrants {
  const index = grantIndex()
  const unread = new Set<string>()
  let isComplete = false
  let last: string | undefined
  // One read at a time, so that what is read later is also filed later.
  let underWay: Promise<void> | undefined
  let following: Promise<void> | undefined

  /** Goes on where a failure ended it: what changed meanwhile among those before is unread. */
  async function complete(): Promise<void> {
    while (!isComplete) {
      const page = await reads.page(last, PAGE)
      index.add(page)
      last = page.at(-1)?.id ?? last
      isComplete = page.length < PAGE
      if (!isComplete) await othersTurn()
    }
  }

  async function readChanged(): Promise<void> {
    const ids = [...unread]
    if (ids.length === 0) return
    // One that is heard of from here on may be too late for this read.
    unread.clear()
    try {
      const found = await reads.those(ids)
      const there = new Set(found.map(({ id }) => id))
      for (const id of ids) if (!there.has(id)) index.remove(id)
      index.add(found)
    } catch (error) {
      for (const id of ids) unread.add(id)
      throw error
    }
  }

  async function read(): Promise<void> {
    try {
      await complete()
      await readChanged()
    } finally {
      underWay = undefined
    }
  }

  function begin(): Promise<void> {
    underWay = read()
    return underWay
  }

  function follow(): Promise<void> {
    following = undefined
    return underWay ?? begin()
  }

  return {
    current() {
      if (underWay === undefined) {
        if (isComplete && unread.size === 0) return index
        return begin().then(() => index)
      }
      if (unread.size === 0) return underWay.then(() => index)
      following ??= underWay.then(follow, follow)
      return following.then(() => index)
    },
    hear(grantId) {
      unread.add(grantId)
      return unread.size <= MOST_UNREAD
    },
  }
}
