// Writes a backup: envelope, then chunks, each preceded by its length (32 bits, big-endian).
// The file appears under its name only when it is whole and durable.
import { existsSync, rmSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { randomUuid } from '../crypto/random.ts'
import type { RootKey } from '../seal/root-key.ts'
import type { Dialect } from '../storage/storage.ts'
import { type BackupHeader, CHUNK_BYTES, newEnvelope, sealChunk } from './envelope.ts'

export type BackupWriter = {
  readonly header: BackupHeader
  write(bytes: Buffer): Promise<void>
  /** Makes the file durable and gives it its name; answers its length. */
  finish(): Promise<number>
  /** Removes what was written; nothing after `finish`. */
  discard(): Promise<void>
}

/** The name under which a backup is written until it is whole. */
export function partialName(file: string): string {
  return `${file}.partial`
}

/** Begins a new backup file (0600). Throws `EEXIST` where there is one, whole or partial. */
export async function createBackupFile(
  file: string,
  rootKey: RootKey,
  source: Dialect,
): Promise<BackupWriter> {
  const header: BackupHeader = {
    format: 1,
    backup: randomUuid(),
    createdAt: new Date().toISOString(),
    source,
    rootKeyId: rootKey.id,
  }
  requireFree(file)
  const partial = partialName(file)
  const handle = await open(partial, 'wx', 0o600)
  const { envelope, bytes: head } = newEnvelope(rootKey, header)
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let index = 0
  let written = 0
  let done = false

  async function put(bytes: Buffer): Promise<void> {
    await handle.writeFile(bytes)
    written += bytes.length
  }

  async function putChunk(plaintext: Buffer, isLast: boolean): Promise<void> {
    const sealed = sealChunk(envelope, index++, isLast, plaintext)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(sealed.length)
    await put(Buffer.concat([length, sealed]))
  }

  // Also where the process stops in the middle, in good order or not.
  const removePartial = () => rmSync(partial, { force: true })
  process.once('exit', removePartial)

  async function drop(): Promise<void> {
    if (done) return
    done = true
    process.off('exit', removePartial)
    await handle.close()
    await rm(partial, { force: true })
  }

  try {
    await put(head)
  } catch (error) {
    await drop()
    throw error
  }
  return {
    header,
    async write(bytes) {
      waiting.push(bytes)
      waitingBytes += bytes.length
      if (waitingBytes <= CHUNK_BYTES) return
      const all = Buffer.concat(waiting)
      let at = 0
      // One chunk stays behind, for the last one is marked.
      for (; all.length - at > CHUNK_BYTES; at += CHUNK_BYTES) {
        await putChunk(all.subarray(at, at + CHUNK_BYTES), false)
      }
      waiting = [all.subarray(at)]
      waitingBytes = all.length - at
    },
    async finish() {
      await putChunk(Buffer.concat(waiting), true)
      await handle.sync()
      requireFree(file)
      await rename(partial, file)
      done = true
      process.off('exit', removePartial)
      await handle.close()
      const directory = await open(dirname(file), 'r')
      await directory.sync().finally(() => directory.close())
      return written
    },
    discard: drop,
  }
}

function requireFree(file: string): void {
  if (existsSync(file)) throw Object.assign(new Error(`${file} exists`), { code: 'EEXIST' })
}
