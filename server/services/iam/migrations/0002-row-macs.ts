// MACs of the rows of accounts and access keys. Null where a row is older than this, until it is adopted.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const rowMacsMigration: Migration = {
  name: 'iam/0002-row-macs',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes } = columnTypes(dialect)
    await db.schema.alterTable('iam_accounts').addColumn('mac', bytes).execute()
    await db.schema.alterTable('iam_access_keys').addColumn('mac', bytes).execute()
  },
}
