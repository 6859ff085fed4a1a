// What makes a database an installation of Keyhold: one row, written when it was initialised.
import { columnTypes, type Migration, type Storage, type Transaction } from './storage/storage.ts'

type InstallationTables = {
  installation: { singleton: number; root_key_id: string; initialised_at_ms: number }
}

export const installationMigration: Migration = {
  name: 'installation/0001-installation',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { wholeNumber } = columnTypes(dialect)
    await db.schema
      .createTable('installation')
      // Always 1, so that there is one row.
      .addColumn('singleton', wholeNumber, (column) => column.primaryKey())
      .addColumn('root_key_id', 'text', (column) => column.notNull())
      .addColumn('initialised_at_ms', wholeNumber, (column) => column.notNull())
      .execute()
  },
}

/** Throws where the database already is an installation. */
export async function insertInstallation(tx: Transaction, rootKeyId: string): Promise<void> {
  await tx.db
    .$extendTables<InstallationTables>()
    .insertInto('installation')
    .values({ singleton: 1, root_key_id: rootKeyId, initialised_at_ms: Date.now() })
    .execute()
}

/** Stands in the place of the root key's id until all of a backup is restored. */
export const UNFINISHED_RESTORE = 'unfinished restore'

/** Makes the restored database an installation: the last step of a restore. */
export async function finishRestore(tx: Transaction, rootKeyId: string): Promise<void> {
  await tx.db
    .$extendTables<InstallationTables>()
    .updateTable('installation')
    .set({ root_key_id: rootKeyId })
    .execute()
}

/** The id of the root key that this installation was made with, or nothing where it is none yet. */
export async function findRootKeyId({ read }: Pick<Storage, 'read'>): Promise<string | undefined> {
  const row = await read
    .$extendTables<InstallationTables>()
    .selectFrom('installation')
    .select('root_key_id')
    .executeTakeFirst()
  return row?.root_key_id
}
