// Makes a backup of a running installation: one moment of it, in a file that only its root key opens.
import { OperatorError } from '../config.ts'
import { findRootKeyId } from '../installation-store.ts'
import type { RootKey } from '../seal/root-key.ts'
import type { Storage } from '../storage/storage.ts'
import { createBackupFile } from './backup-writer.ts'
import { dump, takeMoment } from './dump-store.ts'
import { encodeFrame } from './frames.ts'

export type BackupParts = {
  readonly storage: Storage
  readonly rootKey: RootKey
  /** The directory of the installation. */
  readonly directory: string
}

export type BackupMade = {
  readonly backup: string
  readonly createdAt: string
  readonly bytes: number
  readonly rows: number
}

/** Writes the backup; throws `EEXIST` where the file is there, and leaves nothing behind where it fails. */
export async function createBackup(parts: BackupParts, file: string): Promise<BackupMade> {
  const { storage, rootKey, directory } = parts
  const writer = await createBackupFile(file, rootKey, storage.dialect)
  try {
    const moment = await takeMoment(storage, directory)
    try {
      if ((await findRootKeyId(moment.snapshot)) !== writer.header.rootKeyId) {
        throw new OperatorError('The root key is being changed: make the backup afterwards.')
      }
      let rows = 0
      for await (const frame of dump(moment, storage, directory)) {
        if (frame.kind === 'end') rows = frame.rows
        await writer.write(encodeFrame(frame))
      }
      const bytes = await writer.finish()
      const { backup, createdAt } = writer.header
      return { backup, createdAt, bytes, rows }
    } finally {
      await moment.snapshot.close()
    }
  } catch (error) {
    await writer.discard()
    throw error
  }
}
