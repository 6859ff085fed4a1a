// Tags of keys: rows of their own. They go with their key.
import type { Migration } from '../../../storage/storage.ts'

export const tagsMigration: Migration = {
  name: 'kms/0003-tags',
  kind: 'expand',
  since: 1,
  async up(db) {
    await db.schema
      .createTable('kms_tags')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('tag_key', 'text', (column) => column.notNull())
      .addColumn('tag_value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('kms_tags_pk', ['account', 'region', 'key_id', 'tag_key'])
      .addForeignKeyConstraint(
        'kms_tags_key',
        ['account', 'region', 'key_id'],
        'kms_keys',
        ['account', 'region', 'key_id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute()
  },
}
