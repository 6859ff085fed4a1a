// The seal file: a root key wrapped by a key-encryption key that is not on this machine.
// It holds nothing secret by itself, and is bound to the root key's id and the way of sealing.
import { readFileSync } from 'node:fs'
import { fields } from '../crypto/fields.ts'
import { needs } from '../crypto/needs.ts'
import { decryptOnce, encryptOnce } from '../crypto/one-time-encryption.ts'
import type { Argon2Cost } from '../crypto/passphrase-key.ts'
import { type SecretKey, secretKey } from '../crypto/secret-key.ts'
import { MAX_SHARES } from '../crypto/secret-sharing.ts'
import { replaceDurably } from './durable-file.ts'
import { type RootKey, rootKey } from './root-key.ts'

type Wrapped = {
  readonly format: 1
  readonly rootKeyId: string
  /** base64 of nonce ‖ IV ‖ wrapped root key ‖ tag, 76 bytes. */
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

/** What a file says before anything of it is believed. */
type Unread = Readonly<Record<string, unknown>>

/** The root key wrapped for one way of sealing, as base64. */
export function wrapRootKey(root: RootKey, kind: SealDocument['kind'], key: SecretKey): string {
  return root
    .lend((bytes) => encryptOnce(key, 'rootKey', binding(root.id, kind), bytes))
    .toString('base64')
}

/** A seal with its root key, and with what it takes to seal another one in the same way. */
export type OpenSeal = {
  readonly rootKey: RootKey
  /** The same seal over another root key: the same passphrase, or the same shares, open it. */
  reseal(next: RootKey): SealDocument
}

/** The seal opened, or nothing where `key` is not the one that wrapped its root key. */
export function openDocument(document: SealDocument, key: SecretKey): OpenSeal | undefined {
  const wrapped = Buffer.from(document.wrapped, 'base64')
  const bytes = decryptOnce(key, 'rootKey', binding(document.rootKeyId, document.kind), wrapped)
  if (bytes === undefined) return undefined
  return {
    rootKey: rootKey(document.rootKeyId, secretKey(bytes)),
    reseal(next) {
      const wrappedNext = wrapRootKey(next, document.kind, key)
      return { ...document, rootKeyId: next.id, wrapped: wrappedNext }
    },
  }
}

/** Puts the document in place of what is at `path`: afterwards there is the old one or the new, whole. */
export function writeSealDocument(path: string, document: SealDocument): void {
  const text = `${JSON.stringify(document, null, 2)}\n`
  replaceDurably(path, Buffer.from(text), readSealDocument)
}

/** Reads a document; throws where it is damaged. */
export function readSealDocument(path: string): SealDocument {
  const value = parsed(readFileSync(path, 'utf8'))
  // A seal file says how it is sealed, with everything that unsealing takes.
  needs(
    value.format === 1 &&
      isText(value.rootKeyId, /^[0-9a-f]{32}$/) &&
      isText(value.wrapped, /^[A-Za-z0-9+/]{102}==$/) &&
      (value.kind === 'passphrase' ? holdsPassphraseSeal : holdsSharesSeal)(value),
    'A seal file says how it is sealed, with everything that unsealing takes.',
  )
  return value as unknown as SealDocument
}

function holdsPassphraseSeal({ salt, cost }: Unread): boolean {
  const { memoryKiB, passes, lanes } = Object(cost) as Unread
  // What it may be less or more than is for whoever derives the key from it to say.
  return isText(salt, /^[A-Za-z0-9+/]{22}==$/) && [memoryKiB, passes, lanes].every(Number.isInteger)
}

function holdsSharesSeal({ kind, set, shares, threshold }: Unread): boolean {
  return (
    kind === 'shares' &&
    isText(set, /^[0-9a-f]{16}$/) &&
    Number.isInteger(shares) &&
    Number.isInteger(threshold) &&
    Number(threshold) >= 2 &&
    Number(threshold) <= Number(shares) &&
    Number(shares) <= MAX_SHARES
  )
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value)
}

/** What the text holds, as far as it is JSON at all: whether that is enough is asked afterwards. */
function parsed(text: string): Unread {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

function binding(rootKeyId: string, kind: string): Buffer {
  return fields('root key', rootKeyId, kind)
}
