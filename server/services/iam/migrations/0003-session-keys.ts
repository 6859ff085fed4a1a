// The keys that seal session tokens.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const sessionKeysMigration: Migration = {
  name: 'iam/0003-session-keys',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('iam_session_keys')
      .addColumn('generation', wholeNumber, (column) => column.primaryKey())
      .addColumn('root_key_id', 'text', (column) => column.notNull())
      .addColumn('wrapped', bytes, (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .execute()
  },
}
