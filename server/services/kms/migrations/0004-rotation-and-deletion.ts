// When keys are deleted and rotated, and which of their materials came by which rotation.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const rotationAndDeletionMigration: Migration = {
  name: 'kms/0004-rotation-and-deletion',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { wholeNumber } = columnTypes(dialect)
    const dates = ['deletes_at_ms', 'next_rotation_at_ms', 'on_demand_rotation_at_ms']
    for (const column of [...dates, 'rotation_period_days']) {
      await db.schema.alterTable('kms_keys').addColumn(column, wholeNumber).execute()
    }
    for (const column of dates) {
      // Few keys have such a date, and every second somebody asks which.
      await db.schema
        .createIndex(`kms_keys_${column}`)
        .on('kms_keys')
        .column(column)
        .where(column, 'is not', null)
        .execute()
    }
    // Null in the first material of a key, which no rotation made.
    await db.schema
      .alterTable('kms_key_materials')
      .addColumn('rotation_number', wholeNumber)
      .execute()
    await db.schema.alterTable('kms_key_materials').addColumn('rotation_type', 'text').execute()
    await db.schema
      .createIndex('kms_key_materials_rotation')
      .unique()
      .on('kms_key_materials')
      .columns(['account', 'region', 'key_id', 'rotation_number'])
      .execute()
  },
}
