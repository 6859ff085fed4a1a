// The register of chains, the outbox, the signing key, and batches where the database keeps them.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const trailMigration: Migration = {
  name: 'cloudtrail/0001-trail',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('trail_chains')
      .addColumn('chain_id', 'text', (column) => column.primaryKey())
      .addColumn('opening', 'text', (column) => column.notNull())
      .addColumn('opened_at_ms', wholeNumber, (column) => column.notNull())
      .addColumn('closed_at_batch', wholeNumber)
      .execute()
    await db.schema
      .createTable('trail_batches')
      .addColumn('chain_id', 'text', (column) => column.notNull())
      .addColumn('number', wholeNumber, (column) => column.notNull())
      .addColumn('lines', bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('trail_batches_pk', ['chain_id', 'number'])
      .execute()
    await db.schema
      .createTable('trail_outbox')
      .addColumn('event_id', 'text', (column) => column.primaryKey())
      .addColumn('writer', 'text', (column) => column.notNull())
      .addColumn('record', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('trail_signing_keys')
      .addColumn('generation', wholeNumber, (column) => column.primaryKey())
      .addColumn('root_key_id', 'text', (column) => column.notNull())
      .addColumn('wrapped', bytes, (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .execute()
  },
}
