// keyhold restore: a backup into an empty place, all of it or nothing.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pino } from 'pino'
import { type BackupReader, openBackupFile } from '../backup/backup-reader.ts'
import type { BackupHeader } from '../backup/envelope.ts'
import { type BackupContents, checkBackup, restoreBackup } from '../backup/restore.ts'
import { OperatorError, type Place, type RestoreConfig } from '../config.ts'
import { requirePrivateDirectory } from '../data-directory.ts'
import { allMigrations, openPlace } from '../installation.ts'
import { restoreRecord } from '../operator/restore-record.ts'
import type { RootKey } from '../seal/root-key.ts'
import { lockDirectory } from '../storage/directory-lock.ts'
import type { Storage } from '../storage/storage.ts'
import { progressBar } from './progress-bar.ts'
import { unsealHere } from './unseal-here.ts'

export async function restore(config: RestoreConfig, asJson: boolean): Promise<void> {
  const { place, from } = config
  requireOnlySeal(place)
  const release = lockDirectory(place.directory)
  const rootKey = await unsealHere(place, config.passphraseDescriptor)
  const reader = await open(from, place, rootKey)
  try {
    const showProgress = progressBar(reader.bytes * 2)
    const contents = await checkBackup(reader, showProgress)
    await restoreInto(place, rootKey, reader, contents, (bytes) =>
      showProgress(reader.bytes + bytes),
    )
    tell(place, reader.header, contents, asJson)
  } finally {
    await reader.close()
    release()
  }
}

/** A restore never replaces anything: beside the seal there is nothing in the directory. */
function requireOnlySeal({ directory, rootKeyFile, sealFile }: Place): void {
  requirePrivateDirectory(directory)
  if (!existsSync(rootKeyFile) && !existsSync(sealFile)) {
    throw new OperatorError(
      `A backup does not hold the root key: put root.key (or seal.json) of its installation into ${directory}, mode 0600, and run this again.`,
    )
  }
  const seals = [basename(rootKeyFile), basename(sealFile)]
  const others = readdirSync(directory).filter(
    (name) => !seals.includes(name) && !name.startsWith('lock'),
  )
  if (others.length > 0) {
    throw new OperatorError(
      `${directory} is not empty: there is ${others.slice(0, 5).join(', ')}. A restore never replaces anything: take a directory with root.key (or seal.json) alone.`,
    )
  }
}

async function open(from: string, { directory }: Place, rootKey: RootKey): Promise<BackupReader> {
  try {
    return await openBackupFile(from, (header) => {
      if (header.rootKeyId === rootKey.id) return rootKey
      throw new OperatorError(
        `This backup was made with root key ${header.rootKeyId}, and the one in ${directory} is ${rootKey.id}: put the root.key (or seal.json) there that belongs to the backup.`,
      )
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new OperatorError(`${from} cannot be read (${code}).`)
  }
}

async function restoreInto(
  place: Place,
  rootKey: RootKey,
  reader: BackupReader,
  contents: BackupContents,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { directory } = place
  try {
    const storage = await openStore(place)
    try {
      const record = restoreRecord(reader.header, Date.now())
      const log = pino({ level: 'silent' })
      const migrations = allMigrations()
      const place = { storage, directory, rootKey }
      await restoreBackup({ ...place, reader, contents, migrations, record, log, onBytes })
    } finally {
      await storage.close()
    }
  } catch (error) {
    // The directory was empty, so all of this is ours.
    for (const name of ['keyhold.db', 'keyhold.db-wal', 'keyhold.db-shm', 'trail']) {
      rmSync(join(directory, name), { recursive: true, force: true })
    }
    throw error
  }
}

async function openStore(place: Place): Promise<Storage> {
  try {
    return await openPlace(place)
  } catch (error) {
    throw new OperatorError(`The database cannot be opened: ${(error as Error).message}`)
  }
}

function tell(
  { directory, database }: Place,
  { backup, createdAt, source, rootKeyId }: BackupHeader,
  { rows }: BackupContents,
  asJson: boolean,
): void {
  if (asJson) {
    const restored = { backupId: backup, createdAt, source, rootKeyId, rows }
    process.stdout.write(`${JSON.stringify({ directory, ...restored })}\n`)
    return
  }
  const where = database === undefined ? directory : 'the database'
  const options = `--data ${directory}${database === undefined ? '' : ' --database …'}`
  process.stdout.write(`Restored into ${where}

  backup       ${backup}
  made at      ${createdAt} (what happened later is not in it)
  rows         ${rows}
  credentials  the access keys are those of the backup; credentials.json is not part of one.
               Where nobody has them any more: keyhold credentials rotate --account-id …
  keys         a key deleted after ${createdAt} is back: see docs/backup.md

Verify it:  keyhold trail verify ${options}
Start it:   keyhold serve ${options}
`)
}
