// The seal file: a root key wrapped by a key-encryption key that is not on this machine.
// It holds nothing secret by itself, and is bound to the root key's id and the way of sealing.
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { fields } from '../crypto/fields.ts'
import { needs } from '../crypto/needs.ts'
import { decryptOnce, encryptOnce } from '../crypto/one-time-encryption.ts'
import type { Argon2Cost } from '../crypto/passphrase-key.ts'
import { type SecretKey, secretKey } from '../crypto/secret-key.ts'
import { type RootKey, rootKey } from './root-key.ts'

type Wrapped = {
  readonly format: 1
  readonly rootKeyId: string
  /** base64 of nonce ‖ IV ‖ wrapped root key ‖ tag. */
  readonly wrapped: string
}

export type PassphraseDocument = Wrapped & {
  readonly kind: 'passphrase'
  /** base64, 16 bytes. */
  readonly salt: string
  readonly cost: Argon2Cost
}

export type SharesDocument = Wrapped & {
  readonly kind: 'shares'
  /** Names the set of shares that belongs to this document: 16 hexadecimal digits. */
  readonly set: string
  readonly shares: number
  readonly threshold: number
}

export type SealDocument = PassphraseDocument | SharesDocument

/** The root key wrapped for one way of sealing, as base64. */
export function wrapRootKey(root: RootKey, kind: SealDocument['kind'], key: SecretKey): string {
  return root
    .lend((bytes) => encryptOnce(key, 'rootKey', binding(root.id, kind), bytes))
    .toString('base64')
}

/** The root key again, or nothing where `key` is not the one that wrapped it. */
export function unwrapRootKey(document: SealDocument, key: SecretKey): RootKey | undefined {
  const wrapped = Buffer.from(document.wrapped, 'base64')
  const bytes = decryptOnce(key, 'rootKey', binding(document.rootKeyId, document.kind), wrapped)
  return bytes && rootKey(document.rootKeyId, secretKey(bytes))
}

/** Puts the document in place of what is at `path`: afterwards there is the old one or the new, whole. */
export function writeSealDocument(path: string, document: SealDocument): void {
  const next = `${path}.next`
  const { O_WRONLY, O_CREAT, O_TRUNC, O_RDONLY } = constants
  const file = openSync(next, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  writeSync(file, `${JSON.stringify(document, null, 2)}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(next, path)
  const directory = openSync(dirname(path), O_RDONLY)
  fsyncSync(directory)
  closeSync(directory)
}

/** Reads a document; throws where it is damaged. */
export function readSealDocument(path: string): SealDocument {
  const value = parsed(readFileSync(path, 'utf8'))
  // A seal file says how it is sealed, with everything that unsealing takes.
  needs(
    value.format === 1 &&
      /^[0-9a-f]{32}$/.test(value.rootKeyId ?? '') &&
      typeof value.wrapped === 'string' &&
      (value.kind === 'passphrase'
        ? typeof value.salt === 'string' && value.cost instanceof Object
        : value.kind === 'shares' &&
          /^[0-9a-f]{16}$/.test(value.set ?? '') &&
          Number.isInteger(value.threshold)),
    'A seal file says how it is sealed, with everything that unsealing takes.',
  )
  return value as SealDocument
}

/** What the text holds, as far as it is JSON at all: whether that is enough is asked afterwards. */
function parsed(text: string): Partial<SealDocument> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

function binding(rootKeyId: string, kind: string): Buffer {
  return fields('root key', rootKeyId, kind)
}
