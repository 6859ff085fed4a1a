// Whom a key policy names, by unique id: users and roles made anew under an old name inherit nothing.
import type { Migration } from '../../../storage/storage.ts'

export const policyPrincipalsMigration: Migration = {
  name: 'kms/0007-policy-principals',
  kind: 'expand',
  since: 1,
  async up(db) {
    await db.schema.alterTable('kms_keys').addColumn('policy_principals', 'text').execute()
  },
}
