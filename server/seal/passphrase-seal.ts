// The passphrase seal: the root key wrapped by a key that Argon2id makes of a passphrase.
import { ARGON2_COST, keyFromPassphrase } from '../crypto/passphrase-key.ts'
import { randomBytes } from '../crypto/random.ts'
import type { RootKey } from './root-key.ts'
import {
  type OpenSeal,
  openDocument,
  type PassphraseDocument,
  wrapRootKey,
} from './seal-document.ts'

/** Bytes below which a passphrase is refused when it is set. */
export const MIN_PASSPHRASE_BYTES = 12

/** More is taken nowhere: what seals must also unseal, through the operator socket. */
export const MAX_PASSPHRASE_BYTES = 4096

/** Seals the root key with the passphrase, and zeroes that. */
export async function sealWithPassphrase(
  root: RootKey,
  passphrase: Buffer,
): Promise<PassphraseDocument> {
  try {
    const salt = randomBytes(16)
    const key = await keyFromPassphrase(passphrase, salt, ARGON2_COST)
    return {
      format: 1,
      kind: 'passphrase',
      rootKeyId: root.id,
      salt: salt.toString('base64'),
      cost: ARGON2_COST,
      wrapped: wrapRootKey(root, 'passphrase', key),
    }
  } finally {
    passphrase.fill(0)
  }
}

/** The seal opened, or nothing where the passphrase is another one. Zeroes the passphrase. */
export async function openWithPassphrase(
  document: PassphraseDocument,
  passphrase: Buffer,
): Promise<OpenSeal | undefined> {
  try {
    const salt = Buffer.from(document.salt, 'base64')
    return openDocument(document, await keyFromPassphrase(passphrase, salt, document.cost))
  } finally {
    passphrase.fill(0)
  }
}
