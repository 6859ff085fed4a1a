// MACs of the rows of tags, which policies ask for. Null where a row is older than this, until it is adopted.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const tagMacsMigration: Migration = {
  name: 'kms/0006-tag-macs',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes } = columnTypes(dialect)
    await db.schema.alterTable('kms_tags').addColumn('mac', bytes).execute()
  },
}
