// The OpenID Connect providers of one account. Whoever changes one holds the account's IAM.
import { Moved } from '../../../contract/operation.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import type { Storage, Transaction } from '../../../storage/storage.ts'
import type { OidcProvider } from './oidc-provider.ts'
import { oidcProviderRows } from './oidc-provider-rows.ts'
import type { OidcTables } from './tables.ts'

export type OidcProviderStore = {
  find(url: string): Promise<OidcProvider | undefined>
  /** All of them, by URL: an account has at most a hundred. */
  list(): Promise<readonly OidcProvider[]>
  /** How many there are, as a change in this transaction sees it. */
  count(tx: Transaction): Promise<number>
  /** Answers whether the URL was free, and inserts the provider only then. */
  insert(tx: Transaction, provider: OidcProvider): Promise<boolean>
  /** Changes what was authorized; throws Moved where it is another one by now. */
  change(
    tx: Transaction,
    authorized: OidcProvider,
    change: Partial<Pick<OidcProvider, 'clientIds' | 'thumbprints' | 'tags'>>,
  ): Promise<void>
  /** Throws Moved as `change`. */
  delete(tx: Transaction, authorized: OidcProvider): Promise<void>
}

/** Opens the store of one account. */
export function oidcProviderStore(
  storage: Storage,
  rootKey: RootKey,
  account: string,
): OidcProviderStore {
  const rows = oidcProviderRows(rootKey)
  const some = (db: Storage['read']) =>
    db
      .$extendTables<OidcTables>()
      .selectFrom('iam_oidc_providers')
      .selectAll()
      .where('account', '=', account)
  return {
    async find(url) {
      const row = await some(storage.read).where('url', '=', url).executeTakeFirst()
      return row && rows.read(row)
    },
    async list() {
      return (await some(storage.read).orderBy('url').execute()).map(rows.read)
    },
    async count(tx) {
      return (await some(tx.db).execute()).length
    },
    async insert(tx, provider) {
      const { numInsertedOrUpdatedRows } = await tx.db
        .$extendTables<OidcTables>()
        .insertInto('iam_oidc_providers')
        .values(rows.of({ ...provider, account }))
        .onConflict((conflict) => conflict.columns(['account', 'url']).doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async change(tx, authorized, change) {
      const next = { ...authorized, ...change, account, version: authorized.version + 1 }
      const { numUpdatedRows } = await tx.db
        .$extendTables<OidcTables>()
        .updateTable('iam_oidc_providers')
        .set(rows.of(next))
        .where('account', '=', account)
        .where('url', '=', authorized.url)
        .where('version', '=', authorized.version)
        .where('created_at_ms', '=', authorized.createdAtMs)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new Moved()
    },
    async delete(tx, authorized) {
      const { numDeletedRows } = await tx.db
        .$extendTables<OidcTables>()
        .deleteFrom('iam_oidc_providers')
        .where('account', '=', account)
        .where('url', '=', authorized.url)
        .where('version', '=', authorized.version)
        .where('created_at_ms', '=', authorized.createdAtMs)
        .executeTakeFirst()
      if (numDeletedRows !== 1n) throw new Moved()
    },
  }
}
