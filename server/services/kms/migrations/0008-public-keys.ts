// The public keys of materials that are key pairs. No MAC covers them: the wrapped private key does.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const publicKeysMigration: Migration = {
  name: 'kms/0008-public-keys',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes } = columnTypes(dialect)
    await db.schema.alterTable('kms_key_materials').addColumn('public_key', bytes).execute()
  },
}
