// IAM as main.ts opens it: accounts and access keys. Its own API comes on top of them.
import { accountsMigration } from './migrations/0001-accounts.ts'

export const iamMigrations = [accountsMigration]
