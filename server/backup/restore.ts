// Restores a backup into an empty place: first all of it is checked, then its own migrations make the
// tables, its rows fill them, this release's migrations follow, the trail goes on in a new epoch, and at
// the very end the place becomes an installation.
import type { Logger } from 'pino'
import { OperatorError } from '../config.ts'
import { finishRestore } from '../installation-store.ts'
import type { RootKey } from '../seal/root-key.ts'
import { openEpoch } from '../services/cloudtrail/epoch.ts'
import { journalCopier } from '../services/cloudtrail/journal-copy.ts'
import { type Migration, migrate, type Storage } from '../storage/storage.ts'
import type { BackupReader } from './backup-reader.ts'
import { DamagedBackupError } from './errors.ts'
import { type Frame, framesOf } from './frames.ts'
import { requireEmptyDatabase, rowLoader } from './load-store.ts'

/** What a backup holds, known once all of it was read and is authentic. */
export type BackupContents = { readonly migrations: readonly string[]; readonly rows: number }

export type RestoreParts = {
  readonly reader: BackupReader
  readonly contents: BackupContents
  readonly storage: Storage
  readonly directory: string
  readonly rootKey: RootKey
  /** All migrations of this release. */
  readonly migrations: readonly Migration[]
  /** The record that tells of the restore. */
  readonly record: string
  readonly log: Logger
  readonly onBytes?: (bytes: number) => void
}

/** Reads all of the backup, without writing anything; throws where any of it is damaged. */
export async function checkBackup(
  reader: BackupReader,
  onBytes?: (bytes: number) => void,
): Promise<BackupContents> {
  let migrations: readonly string[] | undefined
  let rows = 0
  let last: Frame | undefined
  for await (const frame of framesOf(reader.read(onBytes))) {
    if (last === undefined && frame.kind === 'contents') migrations = frame.migrations
    if (frame.kind === 'row') rows++
    last = frame
  }
  if (migrations === undefined || last?.kind !== 'end' || last.rows !== rows) {
    throw new DamagedBackupError('it does not hold what it says')
  }
  return { migrations, rows }
}

/** Restores into a storage and directory where nothing is yet. */
export async function restoreBackup(parts: RestoreParts): Promise<void> {
  const { reader, contents, storage, directory, rootKey, migrations, record, log } = parts
  const ofBackup = migrationsOf(contents, migrations)
  await requireEmptyDatabase(storage)
  // Its own first: a later migration may change rows as well as tables.
  await migrate(storage, ofBackup)
  const rootKeyId = await load(parts)
  await migrate(storage, migrations)
  const { backup, createdAt, rootKeyId: headerKeyId } = reader.header
  if (rootKeyId !== headerKeyId) throw new DamagedBackupError('it names two root keys')
  await openEpoch({ storage, rootKey, log }, directory, { backup, createdAt }, record)
  await storage.write((tx) => finishRestore(tx, rootKeyId))
}

function migrationsOf(
  contents: BackupContents,
  migrations: readonly Migration[],
): readonly Migration[] {
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = contents.migrations.find((name) => !known.has(name))
  if (unknown !== undefined) {
    throw new OperatorError(
      `A newer release made this backup (it has the migration ${unknown}): restore it with that release, or a later one.`,
    )
  }
  return migrations.filter(({ name }) => contents.migrations.includes(name))
}

/** Loads all rows; answers the id of the root key that wrapped what they hold. */
async function load({ reader, storage, directory, onBytes }: RestoreParts): Promise<string> {
  const journal = storage.dialect === 'sqlite' ? await journalCopier(directory) : undefined
  try {
    const loader = await rowLoader(storage, journal?.write)
    for await (const frame of framesOf(reader.read(onBytes))) {
      if (frame.kind === 'table') await loader.table(frame.table, frame.columns)
      if (frame.kind === 'row') await loader.row(frame.values)
    }
    const rootKeyId = await loader.finish()
    await journal?.finish()
    return rootKeyId
  } finally {
    await journal?.close()
  }
}
