// A trail of three chains, and what someone does to it who can write its files or rows.
import { expect } from 'vitest'
import type { TestDialect } from '../../../storage/testing/dialects.ts'
import { openChainRegister } from '../chain-store.ts'
import { trailMigration } from '../migrations/0001-trail.ts'
import type { TrailTables } from '../tables.ts'
import { trailBeside } from './tampering.ts'
import { newHeadKeys, openTestedTrail, verifyJournal } from './trail-parts.ts'

export const recordOf = (text: string) => `{"eventVersion":"1.11","note":"${text}"}`

/** Three chains with five batches each: the opening, two records, one, one, a signature; all closed. */
export async function threeChains(dialect: TestDialect) {
  const storage = await dialect.freshStorage([trailMigration])
  const { journal, batches, replace } = trailBeside(storage)
  const keys = newHeadKeys()
  const chains: string[] = []
  for (const name of ['a', 'b', 'c']) {
    const trail = await openTestedTrail(storage, journal, keys)
    const made = await openChainRegister(storage).list()
    chains.push(made.map(({ chain }) => chain).find((id) => !chains.includes(id)) as string)
    await Promise.all([1, 2].map((number) => trail.record(recordOf(`${name}${number}`))))
    await trail.record(recordOf(`${name}3`))
    await trail.record(recordOf(`${name}4`))
    await trail.close()
  }
  const [first, middle, last] = chains as [string, string, string]
  const verify = (checkpoint: Parameters<typeof verifyJournal>[3] = []) =>
    verifyJournal(storage, journal, keys, checkpoint)
  /** Without the root key. */
  const verifySignatures = () => verifyJournal(storage, journal, { signingKey: keys.signingKey })
  /** Replaces one batch by what `change` makes of its text. */
  async function edit(chain: string, number: number, change: (text: string) => string) {
    const changed = await batches(chain)
    const before = changed[number]?.toString('latin1') ?? ''
    const after = change(before)
    expect(after).not.toBe(before)
    changed[number] = Buffer.from(after, 'latin1')
    await replace(chain, changed)
  }
  /** As if the process of the chain had been killed. */
  const unclose = (chain: string) =>
    storage.write((tx) =>
      tx.db
        .$extendTables<TrailTables>()
        .updateTable('trail_chains')
        .set({ closed_at_batch: null })
        .where('chain_id', '=', chain)
        .execute(),
    )
  const chainsOf = { first, middle, last, batches, replace, edit, unclose }
  return { storage, journal, keys, ...chainsOf, verify, verifySignatures }
}
