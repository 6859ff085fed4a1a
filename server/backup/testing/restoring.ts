// Places to restore into, and the restore as its program does it, for tests.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type Place, readPlace } from '../../config.ts'
import { allMigrations, openPlace } from '../../installation.ts'
import { restoreRecord } from '../../operator/restore-record.ts'
import { readRootKeyFile } from '../../seal/file-seal.ts'
import type { Dialect, Migration, Storage } from '../../storage/storage.ts'
import { postgresql } from '../../storage/testing/dialects.ts'
import { openBackupFile } from '../backup-reader.ts'
import { checkBackup, restoreBackup } from '../restore.ts'

/** An empty place of this kind with a copy of another one's root key. */
export async function emptyPlace(dialect: Dialect, rootKeyFile: string): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-restored-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const database = dialect === 'sqlite' ? undefined : await freshPostgresUrl()
  const place = readPlace({ data: directory, ...(database && { database }) })
  copyFileSync(rootKeyFile, place.rootKeyFile)
  return place
}

/** A database of its own, dropped when the test has finished. */
export async function freshPostgresUrl(): Promise<string> {
  const place = await postgresql.freshPlace()
  return 'postgresUrl' in place ? place.postgresUrl : ''
}

/** Restores the file; `wrap` may come between the restore and the database. */
export async function restoreInto(
  place: Place,
  file: string,
  wrap: (storage: Storage) => Storage = (storage) => storage,
  migrations: readonly Migration[] = allMigrations(),
): Promise<void> {
  const rootKey = readRootKeyFile(place.rootKeyFile)
  const reader = await openBackupFile(file, () => rootKey)
  try {
    const contents = await checkBackup(reader)
    const storage = await openPlace(place)
    try {
      await restoreBackup({
        reader,
        contents,
        storage: wrap(storage),
        directory: place.directory,
        rootKey,
        migrations,
        record: restoreRecord(reader.header, Date.now()),
        log: pino({ level: 'silent' }),
      })
    } finally {
      await storage.close()
    }
  } finally {
    await reader.close()
  }
}
