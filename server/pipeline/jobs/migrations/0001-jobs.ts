// The lease under which one process runs the jobs, and what is known of the clock.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const jobsMigration: Migration = {
  name: 'jobs/0001-jobs',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('job_lease')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('holder', 'text')
      .addColumn('fence', wholeNumber, (column) => column.notNull())
      .addColumn('beat', wholeNumber, (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('job_clock')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('version', wholeNumber, (column) => column.notNull())
      .addColumn('boot', 'text', (column) => column.notNull())
      .addColumn('seen_ms', wholeNumber, (column) => column.notNull())
      .addColumn('steady_ms', wholeNumber, (column) => column.notNull())
      .addColumn('offset_ms', wholeNumber, (column) => column.notNull())
      .addColumn('hold_ms', wholeNumber, (column) => column.notNull())
      .addColumn('ahead_ms', wholeNumber)
      .execute()
  },
}
