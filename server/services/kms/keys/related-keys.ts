// What a change of one multi-Region key changes in its related keys, in the same transaction: what they
// share is never told differently in two Regions.
import { Moved } from '../../../contract/operation.ts'
import type { Transaction } from '../../../storage/storage.ts'
import type { DueKeyDirectory } from './due-key-directory.ts'
import type { Key } from './key.ts'
import type { KeyChange } from './key-store.ts'
import { otherRegions } from './multi-region.ts'

export type RelatedKeys = {
  /** The related keys in other Regions, as they are now; throws Moved where one is gone. */
  list(tx: Transaction, key: Key): Promise<readonly Key[]>
  /** Changes each of them, or some; a key of one Region has none. */
  change(
    tx: Transaction,
    key: Key,
    changeOf: (related: Key) => KeyChange,
    isMeant?: (related: Key) => boolean,
  ): Promise<void>
}

export function relatedKeys(directory: Pick<DueKeyDirectory, 'findIn' | 'change'>): RelatedKeys {
  async function list(tx: Transaction, key: Key): Promise<readonly Key[]> {
    const { account, id } = key
    const related: Key[] = []
    for (const region of otherRegions(key)) {
      const found = await directory.findIn(tx, { account, region, id })
      if (found === undefined) throw new Moved()
      related.push(found)
    }
    return related
  }
  return {
    list,
    async change(tx, key, changeOf, isMeant = () => true) {
      for (const related of await list(tx, key)) {
        if (isMeant(related)) await directory.change(tx, related, changeOf(related))
      }
    },
  }
}
