// What makes a backup unreadable and unchangeable: a key of its own, wrapped by the root key, and chunks
// that are bound to their backup, their place in it and to being the last. See docs/backup.md.
import { fields } from '../crypto/fields.ts'
import type { Label } from '../crypto/labels.ts'
import { decryptOnce, encryptOnce, OVERHEAD_BYTES } from '../crypto/one-time-encryption.ts'
import { randomBytes } from '../crypto/random.ts'
import { type SecretKey, secretKey } from '../crypto/secret-key.ts'
import type { RootKey } from '../seal/root-key.ts'
import type { Dialect } from '../storage/storage.ts'
import { DamagedBackupError } from './errors.ts'

/** What stands in the clear at the head of a backup. */
export type BackupHeader = {
  readonly format: 1
  /** A UUID of this backup. */
  readonly backup: string
  readonly createdAt: string
  /** The database that it was taken from. */
  readonly source: Dialect
  readonly rootKeyId: string
}

/** A header with the key of its backup. */
export type Envelope = { readonly header: BackupHeader; readonly key: SecretKey }

export const MAGIC: Buffer = Buffer.from('keyhold backup 1\n')
/** The plaintext of every chunk but the last, which may be shorter. */
export const CHUNK_BYTES: number = 256 * 1024
export const MAX_SEALED_CHUNK_BYTES: number = CHUNK_BYTES + OVERHEAD_BYTES
export const MAX_HEADER_BYTES = 4096
const KEY_BYTES = 32
export const WRAPPED_KEY_BYTES: number = KEY_BYTES + OVERHEAD_BYTES

const WRAP: Label = 'backup'
const CHUNK: Label = 'backupChunk'

/** Makes a key for the backup; `bytes` is magic ‖ length of the header (32 bits) ‖ header ‖ wrapped key. */
export function newEnvelope(
  rootKey: RootKey,
  header: BackupHeader,
): { readonly envelope: Envelope; readonly bytes: Buffer } {
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  const bytes = randomBytes(KEY_BYTES)
  const key = secretKey(Buffer.from(bytes))
  const wrapped = rootKey.wrap(WRAP, keyBinding(text), bytes)
  return { envelope: { header, key }, bytes: Buffer.concat([MAGIC, length, text, wrapped]) }
}

/** Reads a header; throws where this release cannot. Nothing of it is to be believed before `openEnvelope`. */
export function readHeader(text: Buffer): BackupHeader {
  let header: Partial<BackupHeader>
  try {
    header = JSON.parse(text.toString('utf8')) as Partial<BackupHeader>
  } catch {
    throw new DamagedBackupError('its header is not readable')
  }
  const whole =
    header.format === 1 &&
    typeof header.backup === 'string' &&
    typeof header.createdAt === 'string' &&
    (header.source === 'sqlite' || header.source === 'postgres') &&
    typeof header.rootKeyId === 'string'
  if (!whole) throw new DamagedBackupError('its header is not one that this release writes')
  return header as BackupHeader
}

/** Unwraps the backup's key; throws where the header was changed, or another root key wrapped it. */
export function openEnvelope(rootKey: RootKey, text: Buffer, wrapped: Buffer): Envelope {
  let bytes: Buffer
  try {
    bytes = rootKey.unwrap(WRAP, keyBinding(text), wrapped)
  } catch {
    throw new DamagedBackupError('its header was changed, or another root key sealed it')
  }
  return { header: readHeader(text), key: secretKey(bytes) }
}

/** One chunk as it stands in the file, without its length. */
export function sealChunk(
  { header, key }: Envelope,
  index: number,
  isLast: boolean,
  plaintext: Uint8Array,
): Buffer {
  return encryptOnce(key, CHUNK, chunkBinding(header, index, isLast), plaintext)
}

/** The plaintext of a chunk; throws where it is not this one, of this backup, at this place. */
export function openChunk(
  { header, key }: Envelope,
  index: number,
  isLast: boolean,
  sealed: Uint8Array,
): Buffer {
  const plaintext = decryptOnce(key, CHUNK, chunkBinding(header, index, isLast), sealed)
  if (plaintext === undefined) {
    throw new DamagedBackupError(`chunk ${index} was changed or moved, or the file was cut off`)
  }
  return plaintext
}

function keyBinding(header: Buffer): Buffer {
  return fields('backup key', header)
}

function chunkBinding({ backup }: BackupHeader, index: number, isLast: boolean): Buffer {
  return fields('backup chunk', backup, String(index), isLast ? 'last' : 'more')
}
