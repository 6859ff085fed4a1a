// What makes a database an installation of Keyhold: one row, written when it was initialised. It names the
// root key of all that is protected; a rotation changes it, while nobody else writes.
import { sql } from 'kysely'
import {
  columnTypes,
  type Dialect,
  type Migration,
  type Storage,
  type Transaction,
} from './storage/storage.ts'

type InstallationTables = {
  installation: {
    singleton: number
    root_key_id: string
    initialised_at_ms: number
    /** How many root keys there have been. */
    root_key_generation: number
  }
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

export const rootKeyGenerationMigration: Migration = {
  name: 'installation/0002-root-key-generation',
  kind: 'expand',
  since: 1,
  async up(db, dialect) {
    const { wholeNumber } = columnTypes(dialect)
    await db.schema
      .alterTable('installation')
      .addColumn('root_key_generation', wholeNumber, (column) => column.notNull().defaultTo(1))
      .execute()
  },
}

/** Throws where the database already is an installation. */
export async function insertInstallation(tx: Transaction, rootKeyId: string): Promise<void> {
  await tx.db
    .$extendTables<InstallationTables>()
    .insertInto('installation')
    .values({
      singleton: 1,
      root_key_id: rootKeyId,
      initialised_at_ms: Date.now(),
      root_key_generation: 1,
    })
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

/** How many root keys this installation has had, the present one included. */
export async function getRootKeyGeneration({ read }: Pick<Storage, 'read'>): Promise<number> {
  const row = await read
    .$extendTables<InstallationTables>()
    .selectFrom('installation')
    .select('root_key_generation')
    .executeTakeFirstOrThrow()
  return row.root_key_generation
}

/**
 * The root key's id, which stays the same until this transaction ends. Any number of transactions hold it
 * at once; one that changes it waits for them, and those that come later for that.
 */
export async function holdRootKeyId(
  tx: Transaction,
  dialect: Dialect,
): Promise<string | undefined> {
  // On SQLite there is one writer at a time anyhow.
  const row = await tx.db
    .$extendTables<InstallationTables>()
    .selectFrom('installation')
    .select('root_key_id')
    .$if(dialect === 'postgres', (query) => query.forKeyShare())
    .executeTakeFirst()
  return row?.root_key_id
}

/** The root key's id, for whoever changes it: waits for all that hold it, and keeps others waiting. */
export async function takeRootKeyId(
  tx: Transaction,
  dialect: Dialect,
): Promise<string | undefined> {
  if (dialect === 'postgres') {
    // The lock of the table is taken in order of arrival: holders that keep coming cannot starve this.
    await sql`lock table installation in exclusive mode`.execute(tx.db)
  }
  return findRootKeyId({ read: tx.db })
}

/** Names another root key from now on; answers its generation. */
export async function replaceRootKeyId(tx: Transaction, id: string): Promise<number> {
  const row = await tx.db
    .$extendTables<InstallationTables>()
    .updateTable('installation')
    .set(({ eb }) => ({
      root_key_id: id,
      root_key_generation: eb('root_key_generation', '+', 1),
    }))
    .returning('root_key_generation')
    .executeTakeFirstOrThrow()
  return row.root_key_generation
}
