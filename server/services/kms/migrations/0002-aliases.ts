// Aliases: names for keys. They go with their key.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const aliasesMigration: Migration = {
  name: 'kms/0002-aliases',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('kms_aliases')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('version', wholeNumber, (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .addColumn('updated_at_ms', wholeNumber, (column) => column.notNull())
      .addPrimaryKeyConstraint('kms_aliases_pk', ['account', 'region', 'name'])
      .addForeignKeyConstraint(
        'kms_aliases_key',
        ['account', 'region', 'key_id'],
        'kms_keys',
        ['account', 'region', 'key_id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute()
    await db.schema
      .createIndex('kms_aliases_of_key')
      .on('kms_aliases')
      .columns(['account', 'region', 'key_id', 'name'])
      .execute()
  },
}
