// Who manages a key: null where the account does that owns it.
import type { Migration } from '../../../storage/storage.ts'

export const managedKeysMigration: Migration = {
  name: 'kms/0013-managed-keys',
  kind: 'expand',
  since: 1,
  async up(db) {
    await db.schema.alterTable('kms_keys').addColumn('manager', 'text').execute()
  },
}
