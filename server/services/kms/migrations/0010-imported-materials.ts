// Keys whose material is imported, and what is known of each material that ever was.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const importedMaterialsMigration: Migration = {
  name: 'kms/0010-imported-materials',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    for (const column of ['origin', 'expiration_model']) {
      await db.schema.alterTable('kms_keys').addColumn(column, 'text').execute()
    }
    await db.schema.alterTable('kms_keys').addColumn('expires_at_ms', wholeNumber).execute()
    await db.schema
      .createTable('kms_imported_materials')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('material_id', 'text', (column) => column.notNull())
      .addColumn('domain_key_id', 'text', (column) =>
        column.notNull().references('kms_domain_keys.domain_key_id'),
      )
      .addColumn('fingerprint', bytes, (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('is_present', 'integer', (column) => column.notNull())
      .addColumn('expires_at_ms', wholeNumber)
      .addColumn('description', 'text')
      .addColumn('mac', bytes)
      .addPrimaryKeyConstraint('kms_imported_materials_pk', [
        'account',
        'region',
        'key_id',
        'material_id',
      ])
      .addForeignKeyConstraint(
        'kms_imported_materials_key',
        ['account', 'region', 'key_id'],
        'kms_keys',
        ['account', 'region', 'key_id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .execute()
    await db.schema
      .createIndex('kms_imported_materials_expires_at_ms')
      .on('kms_imported_materials')
      .column('expires_at_ms')
      .where('expires_at_ms', 'is not', null)
      .execute()
  },
}
