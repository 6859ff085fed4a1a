// For what each access key signed last. A row goes with its access key.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const accessKeyUsesMigration: Migration = {
  name: 'iam/0006-access-key-uses',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('iam_access_key_uses')
      .addColumn('access_key_id', 'text', (column) =>
        column.primaryKey().references('iam_access_keys.access_key_id').onDelete('cascade'),
      )
      .addColumn('used_at_ms', wholeNumber, (column) => column.notNull())
      .addColumn('service', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('mac', bytes)
      .execute()
  },
}
