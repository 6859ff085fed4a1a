// What a process keeps of one grantee's grants, while they change and reads take their time or fail.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type Grant, readConstraints } from './grant.ts'
import { type GranteeGrants, type GrantReads, granteeGrants } from './grantee-grants.ts'

const NAMES = ['a', 'b', 'c', 'd'] as const

function grantCalled(id: string): Grant {
  return {
    id,
    operations: ['Decrypt'],
    constraints: readConstraints(undefined),
  } as unknown as Grant
}

/** A database of grants, by their ids alone. */
function database(ids: Iterable<string> = []) {
  const rows = new Set(ids)
  const reads = {
    page: vi.fn<GrantReads['page']>(async (after, limit) =>
      [...rows]
        .sort()
        .filter((id) => after === undefined || id > after)
        .slice(0, limit)
        .map(grantCalled),
    ),
    those: vi.fn<GrantReads['those']>(async (ids) =>
      ids.filter((id) => rows.has(id)).map(grantCalled),
    ),
  }
  return { rows, reads }
}

async function idsOf(grants: GranteeGrants): Promise<string[]> {
  return [...(await grants.current()).permitting('Decrypt')].map(({ id }) => id).sort()
}

describe('What is kept of the grants of a grantee', () => {
  it('is read in pages once, and then answered without a promise', async () => {
    const ids = Array.from({ length: 450 }, (_, at) => String(at).padStart(3, '0'))
    const { reads } = database(ids)
    const grants = granteeGrants(reads)
    expect(await idsOf(grants)).toEqual(ids)
    expect(reads.page).toHaveBeenCalledTimes(3)
    expect(grants.current()).not.toBeInstanceOf(Promise)
  })

  it('is mended by a read of what changed alone', async () => {
    const { rows, reads } = database(['a', 'b'])
    const grants = granteeGrants(reads)
    await grants.current()
    rows.delete('a')
    rows.add('c')
    grants.hear('a')
    grants.hear('c')
    expect(await idsOf(grants)).toEqual(['b', 'c'])
    expect(reads.page).toHaveBeenCalledTimes(1)
    expect(reads.those.mock.calls).toEqual([[['a', 'c']]])
    expect(grants.current()).not.toBeInstanceOf(Promise)
  })

  it('loses a grant that is revoked after its page was read and before the last one', async () => {
    const ids = Array.from({ length: 250 }, (_, at) => String(at).padStart(3, '0'))
    const { rows, reads } = database(ids)
    const grants = granteeGrants(reads)
    const asked = idsOf(grants)
    await vi.waitFor(() => expect(reads.page).toHaveBeenCalledTimes(1), 10_000)
    rows.delete('000')
    grants.hear('000')
    await asked
    expect(await idsOf(grants)).toEqual(ids.slice(1))
  })

  it('is not answered after a read that failed, whole or of one, until that was read', async () => {
    const { rows, reads } = database(['a', 'b'])
    const grants = granteeGrants(reads)
    reads.page.mockRejectedValueOnce(new Error('down'))
    await expect(grants.current()).rejects.toThrow('down')
    expect(await idsOf(grants)).toEqual(['a', 'b'])
    rows.delete('a')
    grants.hear('a')
    reads.those.mockRejectedValueOnce(new Error('down')).mockRejectedValueOnce(new Error('down'))
    await expect(grants.current()).rejects.toThrow('down')
    await expect(grants.current()).rejects.toThrow('down')
    expect(await idsOf(grants)).toEqual(['b'])
  })

  it('is to be forgotten where more is unread than it may remember', async () => {
    const grants = granteeGrants(database().reads)
    await grants.current()
    const heard = Array.from({ length: 1001 }, (_, at) => grants.hear(String(at)))
    expect(heard.lastIndexOf(true)).toBe(999)
    expect(grants.hear('0')).toBe(false)
  })

  it('has whatever was there throughout a call, and nothing that was not, in any order of events', async () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const) }),
      fc.record({ kind: fc.constant('change' as const), id: fc.constantFrom(...NAMES) }),
      fc.record({ kind: fc.constant('repeat' as const), id: fc.constantFrom(...NAMES) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.subarray([...NAMES]),
        fc.array(event, { maxLength: 12 }),
        async (scheduler, first, events) => {
          const { rows, reads } = database(first)
          // What a read finds is found before or after it had to wait, as the scheduler has it.
          const waiting = async <T>(read: () => Promise<T>): Promise<T> => {
            await scheduler.schedule(Promise.resolve())
            const found = await read()
            await scheduler.schedule(Promise.resolve())
            return found
          }
          const grants = granteeGrants({
            page: (after, limit) => waiting(() => reads.page(after, limit)),
            those: (ids) => waiting(() => reads.those(ids)),
          })
          const calls: Promise<void>[] = []
          const open = new Set<{ always: Set<string>; ever: Set<string> }>()
          const ask = async () => {
            const seen = { always: new Set(rows), ever: new Set(rows) }
            open.add(seen)
            const ids = await idsOf(grants)
            open.delete(seen)
            expect(ids).toEqual(expect.arrayContaining([...seen.always]))
            expect([...seen.ever]).toEqual(expect.arrayContaining(ids))
          }
          const happen = (one: (typeof events)[number]) => {
            if (one.kind === 'ask') return void calls.push(ask())
            if (one.kind === 'change') {
              if (!rows.delete(one.id)) rows.add(one.id)
              for (const { always, ever } of open) {
                if (rows.has(one.id)) ever.add(one.id)
                else always.delete(one.id)
              }
            }
            grants.hear(one.id)
          }
          scheduler.scheduleSequence(
            events.map((one, at) => ({
              label: `${at} ${one.kind}`,
              builder: async () => happen(one),
            })),
          )
          await scheduler.waitIdle()
          await Promise.all(calls)
          expect(await Promise.all([scheduler.waitFor(idsOf(grants))])).toEqual([[...rows].sort()])
        },
      ),
    )
  })
})
