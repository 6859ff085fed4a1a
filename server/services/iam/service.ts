// IAM as main.ts opens it: accounts and access keys. Its own API comes on top of them.
import { accountsMigration } from './migrations/0001-accounts.ts'
import { rowMacsMigration } from './migrations/0002-row-macs.ts'
import { sessionKeysMigration } from './migrations/0003-session-keys.ts'
import { entitiesMigration } from './migrations/0004-entities.ts'
import { oidcProvidersMigration } from './migrations/0005-oidc-providers.ts'

export { iamProtectedTables } from './protected-tables.ts'

export const iamMigrations = [
  accountsMigration,
  rowMacsMigration,
  sessionKeysMigration,
  entitiesMigration,
  oidcProvidersMigration,
]
