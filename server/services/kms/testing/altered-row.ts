// Rows of keys as no operation of this release writes them, with a MAC all the same.
import type { RootKey } from '../../../seal/root-key.ts'
import type { Transaction } from '../../../storage/storage.ts'
import { keyRowMacs } from '../keys/key-rows.ts'
import type { KmsTables } from '../tables.ts'

/** Gives the row of the key these columns, past all operations, as a server could; in one Region of several. */
export async function alterKeyRow(
  tx: Transaction,
  rootKey: RootKey,
  id: string,
  change: Partial<KmsTables['kms_keys']>,
  region?: string,
): Promise<void> {
  const db = tx.db.$extendTables<KmsTables>()
  const row = await db
    .selectFrom('kms_keys')
    .selectAll()
    .where('key_id', '=', id)
    .$if(region !== undefined, (query) => query.where('region', '=', region as string))
    .executeTakeFirstOrThrow()
  const altered = { ...row, ...change }
  await db
    .updateTable('kms_keys')
    .set({ ...change, mac: keyRowMacs(rootKey).of(altered) })
    .where('key_id', '=', id)
    .$if(region !== undefined, (query) => query.where('region', '=', region as string))
    .execute()
}
