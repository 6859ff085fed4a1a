// MACs of the rows of keys and aliases. Null where a row is older than this, until it is adopted.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const rowMacsMigration: Migration = {
  name: 'kms/0005-row-macs',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes } = columnTypes(dialect)
    await db.schema.alterTable('kms_keys').addColumn('mac', bytes).execute()
    await db.schema.alterTable('kms_aliases').addColumn('mac', bytes).execute()
  },
}
