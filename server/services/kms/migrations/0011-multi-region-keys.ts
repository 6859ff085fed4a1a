// Where the keys are that share a key id and its material, and how long a primary key has to wait for
// its deletion once the last of its replicas is gone.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const multiRegionKeysMigration: Migration = {
  name: 'kms/0011-multi-region-keys',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { wholeNumber } = columnTypes(dialect)
    // Null where a key is of one Region.
    await db.schema.alterTable('kms_keys').addColumn('primary_region', 'text').execute()
    await db.schema.alterTable('kms_keys').addColumn('replica_regions', 'text').execute()
    await db.schema.alterTable('kms_keys').addColumn('deletion_window_days', wholeNumber).execute()
    // Every second somebody asks for the few of these that are on their way into another state.
    await db.schema
      .createIndex('kms_keys_multi_region')
      .on('kms_keys')
      .columns(['state', 'primary_region'])
      .where('primary_region', 'is not', null)
      .execute()
  },
}
