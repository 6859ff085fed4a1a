// Accounts: the tenants of this installation, and the access keys of their root users.
import type { RootKey } from '../../seal/root-key.ts'
import type { Storage, Transaction } from '../../storage/storage.ts'
import {
  deactivateRootAccessKeys,
  insertRootAccessKey,
  type NewAccessKey,
} from './access-key-directory.ts'
import { accountRowMacs } from './row-macs.ts'
import type { IamTables } from './tables.ts'

export type Account = { readonly account: string; readonly createdAtMs: number }

export type AccountDirectory = {
  exists(account: string): Promise<boolean>
  list(): Promise<readonly Account[]>
  /** Answers whether the account is new; where it exists already nothing is changed. */
  insert(tx: Transaction, account: string): Promise<boolean>
  insertRootAccessKey(tx: Transaction, account: string, accessKey: NewAccessKey): Promise<void>
  /** Deactivates all access keys of the root user; answers their ids. */
  deactivateRootAccessKeys(tx: Transaction, account: string): Promise<readonly string[]>
}

export function accountDirectory(storage: Storage, rootKey: RootKey): AccountDirectory {
  const db = storage.read.$extendTables<IamTables>()
  const macs = accountRowMacs(rootKey)
  return {
    async exists(account) {
      const row = await db
        .selectFrom('iam_accounts')
        .selectAll()
        .where('account', '=', account)
        .executeTakeFirst()
      if (row !== undefined) macs.require(row)
      return row !== undefined
    },
    async list() {
      const rows = await db.selectFrom('iam_accounts').selectAll().orderBy('account').execute()
      return rows.map((row) => {
        macs.require(row)
        return { account: row.account, createdAtMs: row.created_at_ms }
      })
    },
    async insert(tx, account) {
      const row = { account, created_at_ms: Date.now() }
      const { numInsertedOrUpdatedRows } = await tx.db
        .$extendTables<IamTables>()
        .insertInto('iam_accounts')
        .values({ ...row, mac: macs.of(row) })
        .onConflict((conflict) => conflict.column('account').doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    insertRootAccessKey: (tx, account, accessKey) =>
      insertRootAccessKey(tx, rootKey, account, accessKey),
    deactivateRootAccessKeys: (tx, account) => deactivateRootAccessKeys(tx, rootKey, account),
  }
}
