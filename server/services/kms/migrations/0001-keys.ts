// Keys, their wrapped materials, and the domain keys that wrap those.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const keysMigration: Migration = {
  name: 'kms/0001-keys',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('kms_keys')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('version', wholeNumber, (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('description', 'text', (column) => column.notNull())
      .addColumn('key_usage', 'text', (column) => column.notNull())
      .addColumn('key_spec', 'text', (column) => column.notNull())
      .addColumn('policy', 'text', (column) => column.notNull())
      .addColumn('material_id', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .addPrimaryKeyConstraint('kms_keys_pk', ['account', 'region', 'key_id'])
      .execute()
    await db.schema
      .createTable('kms_domain_keys')
      .addColumn('domain_key_id', 'text', (column) => column.primaryKey())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('generation', wholeNumber, (column) => column.notNull())
      .addColumn('root_key_id', 'text', (column) => column.notNull())
      .addColumn('wrapped', bytes, (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .addUniqueConstraint('kms_domain_keys_generation', ['region', 'generation'])
      .execute()
    await db.schema
      .createTable('kms_key_materials')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('material_id', 'text', (column) => column.notNull())
      .addColumn('domain_key_id', 'text', (column) =>
        column.notNull().references('kms_domain_keys.domain_key_id'),
      )
      .addColumn('wrapped', bytes, (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .addPrimaryKeyConstraint('kms_key_materials_pk', [
        'account',
        'region',
        'key_id',
        'material_id',
      ])
      .addForeignKeyConstraint(
        'kms_key_materials_key',
        ['account', 'region', 'key_id'],
        'kms_keys',
        ['account', 'region', 'key_id'],
      )
      .execute()
  },
}
