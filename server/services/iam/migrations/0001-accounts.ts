// Accounts and the access keys of their root users.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const accountsMigration: Migration = {
  name: 'iam/0001-accounts',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('iam_accounts')
      .addColumn('account', 'text', (column) => column.primaryKey())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('iam_access_keys')
      .addColumn('access_key_id', 'text', (column) => column.primaryKey())
      .addColumn('account', 'text', (column) => column.notNull().references('iam_accounts.account'))
      .addColumn('principal', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('wrapped_secret', bytes, (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .execute()
  },
}
