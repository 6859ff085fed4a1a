// Accounts: the tenants of this installation.
import type { Transaction } from '../../storage/storage.ts'
import type { IamTables } from './tables.ts'

/** Adds an account; throws where it exists. */
export async function insertAccount(tx: Transaction, account: string): Promise<void> {
  await tx.db
    .$extendTables<IamTables>()
    .insertInto('iam_accounts')
    .values({ account, created_at_ms: Date.now() })
    .execute()
}
