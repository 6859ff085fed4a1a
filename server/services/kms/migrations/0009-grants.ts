// Grants: found by key and grantee, listed by key or by who may retire them. They go with their key.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

const KEY = ['account', 'region', 'key_id'] as const

export const grantsMigration: Migration = {
  name: 'kms/0009-grants',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('kms_grants')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('key_id', 'text', (column) => column.notNull())
      .addColumn('grant_id', 'text', (column) => column.notNull())
      .addColumn('grantee', 'text', (column) => column.notNull())
      .addColumn('retiring', 'text')
      .addColumn('issuer', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('operations', 'text', (column) => column.notNull())
      .addColumn('constraints', 'text')
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .addColumn('fingerprint', 'text')
      .addColumn('mac', bytes)
      .addPrimaryKeyConstraint('kms_grants_pk', [...KEY, 'grant_id'])
      .addForeignKeyConstraint('kms_grants_key', [...KEY], 'kms_keys', [...KEY], (constraint) =>
        constraint.onDelete('cascade'),
      )
      .execute()
    const index = (name: string, columns: readonly string[]) =>
      db.schema
        .createIndex(name)
        .on('kms_grants')
        .columns([...columns])
        .execute()
    await index('kms_grants_of_grantee', [...KEY, 'grantee', 'grant_id'])
    await index('kms_grants_retirable', ['retiring', 'region', 'grant_id'])
    await index('kms_grants_alike', [...KEY, 'fingerprint'])
  },
}
