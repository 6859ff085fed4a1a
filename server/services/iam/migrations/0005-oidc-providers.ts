// OpenID Connect providers that accounts trust.
import { columnTypes, type Migration } from '../../../storage/storage.ts'

export const oidcProvidersMigration: Migration = {
  name: 'iam/0005-oidc-providers',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { bytes, wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('iam_oidc_providers')
      .addColumn('account', 'text', (column) => column.notNull().references('iam_accounts.account'))
      .addColumn('url', 'text', (column) => column.notNull())
      .addColumn('version', wholeNumber, (column) => column.notNull())
      .addColumn('document', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', wholeNumber, (column) => column.notNull())
      .addColumn('mac', bytes)
      .addPrimaryKeyConstraint('iam_oidc_providers_pk', ['account', 'url'])
      .execute()
  },
}
