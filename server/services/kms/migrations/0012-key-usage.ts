// What each key was last used for. A row goes with its key.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const keyUsageMigration: Migration = {
  name: 'kms/0012-key-usage',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('kms_key_usage')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('used_at_ms', wholeNumber, (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('event_id', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('mac', bytes)
      .addPrimaryKeyConstraint('kms_key_usage_pk', ['account', 'region', 'key_id'])
      .addForeignKeyConstraint(
        'kms_key_usage_key',
        ['account', 'region', 'key_id'],
        'kms_keys',
        ['account', 'region', 'key_id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute()
  },
}
