// Users, groups, roles and managed policies, with what refers to them.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const entitiesMigration: Migration = {
  name: 'iam/0004-entities',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('iam_entities')
      .addColumn('entity_id', 'text', (column) => column.primaryKey())
      .addColumn('account', 'text', (column) => column.notNull().references('iam_accounts.account'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('name_key', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('version', wholeNumber, (column) => column.notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .addColumn('mac', bytes)
      .addUniqueConstraint('iam_entities_name', ['account', 'kind', 'name_key'])
      .execute()
    await db.schema
      .createTable('iam_links')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('holder_id', 'text', (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('iam_links_pk', ['account', 'holder_id', 'relation', 'target'])
      .execute()
    await db.schema
      .createIndex('iam_links_target')
      .on('iam_links')
      .columns(['account', 'relation', 'target'])
      .execute()
    await db.schema
      .createTable('iam_account_versions')
      .addColumn('account', 'text', (column) => column.primaryKey())
      .addColumn('version', wholeNumber, (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('iam_access_keys_principal')
      .on('iam_access_keys')
      .columns(['account', 'principal'])
      .execute()
  },
}
