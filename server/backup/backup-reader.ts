// Reads a backup, in memory bounded by one chunk; whatever it gives out is authentic and in order.
import { type FileHandle, open } from 'node:fs/promises'
import type { RootKey } from '../seal/root-key.ts'
import {
  type BackupHeader,
  type Envelope,
  MAGIC,
  MAX_HEADER_BYTES,
  MAX_SEALED_CHUNK_BYTES,
  openChunk,
  openEnvelope,
  readHeader,
  WRAPPED_KEY_BYTES,
} from './envelope.ts'
import { DamagedBackupError } from './errors.ts'

export type BackupReader = {
  readonly header: BackupHeader
  readonly bytes: number
  /** The whole content, from the beginning, each piece authentic; `onBytes` hears how far it is. */
  read(onBytes?: (bytes: number) => void): AsyncIterable<Buffer>
  close(): Promise<void>
}

/** Opens a backup. `unseal` gets the clear header and answers the root key that it names. */
export async function openBackupFile(
  file: string,
  unseal: (header: BackupHeader) => RootKey,
): Promise<BackupReader> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const magic = await readExactly(handle, 0, MAGIC.length)
    if (!magic.equals(MAGIC)) throw new DamagedBackupError('it is no backup of this format')
    const headerBytes = (await readExactly(handle, MAGIC.length, 4)).readUInt32BE()
    if (headerBytes > MAX_HEADER_BYTES) throw new DamagedBackupError('its header is too long')
    const text = await readExactly(handle, MAGIC.length + 4, headerBytes)
    const keyAt = MAGIC.length + 4 + headerBytes
    const wrapped = await readExactly(handle, keyAt, WRAPPED_KEY_BYTES)
    const envelope = openEnvelope(unseal(readHeader(text)), text, wrapped)
    const firstChunkAt = keyAt + WRAPPED_KEY_BYTES
    return {
      header: envelope.header,
      bytes: size,
      read: (onBytes = () => {}) => chunksOf(handle, envelope, firstChunkAt, size, onBytes),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function* chunksOf(
  handle: FileHandle,
  envelope: Envelope,
  from: number,
  size: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let at = from
  let index = 0
  do {
    const length = (await readExactly(handle, at, 4)).readUInt32BE()
    if (length > MAX_SEALED_CHUNK_BYTES) throw new DamagedBackupError(`chunk ${index} is too long`)
    const sealed = await readExactly(handle, at + 4, length)
    at += 4 + length
    // Where the file ends, the chunk must be the one that was written as the last.
    yield openChunk(envelope, index++, at === size, sealed)
    onBytes(at)
  } while (at < size)
}

async function readExactly(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await handle.read(bytes, 0, length, at)
  if (bytesRead < length) throw new DamagedBackupError('it is cut off')
  return bytes
}
