// The shares seal: the root key wrapped by a key that is split among people (Shamir); any `threshold`
// of the shares unseal. A share is text that a person can keep and type: its own check finds typing
// errors, its set tells it from shares of another time.
import { equalInConstantTime, sha256 } from '../crypto/digest.ts'
import { randomBytes } from '../crypto/random.ts'
import { secretKey } from '../crypto/secret-key.ts'
import { combineSecret, splitSecret } from '../crypto/secret-sharing.ts'
import type { RootKey } from './root-key.ts'
import { type OpenSeal, openDocument, type SharesDocument, wrapRootKey } from './seal-document.ts'

const SHARE = /^keyhold-share-([0-9a-f]{16})-([0-9a-f]{66})-([0-9a-f]{8})$/
const CHECK_BYTES = 4

/** Why a share is refused; a person reads it. */
export class ShareError extends Error {}

/** Seals the root key with new shares; these are told once and kept nowhere here. */
export async function sealWithShares(
  root: RootKey,
  shares: number,
  threshold: number,
): Promise<{ document: SharesDocument; shares: readonly string[] }> {
  const set = randomBytes(8).toString('hex')
  const bytes = randomBytes(32)
  const parts = await splitSecret(bytes, shares, threshold)
  // The key takes over the bytes and zeroes them.
  const wrapped = wrapRootKey(root, 'shares', secretKey(bytes))
  const document: SharesDocument = {
    format: 1,
    kind: 'shares',
    rootKeyId: root.id,
    set,
    shares,
    threshold,
    wrapped,
  }
  return { document, shares: parts.map((part) => shareText(set, part)) }
}

/** The bytes of a share of this seal; throws ShareError where it is none. */
export function readShare(document: SharesDocument, text: string): Buffer {
  const [, set, hex, check] = SHARE.exec(text.trim().toLowerCase()) ?? []
  if (set === undefined || hex === undefined || check === undefined) {
    throw new ShareError('This is no share: one begins with keyhold-share- and is typed whole.')
  }
  const part = Buffer.from(hex, 'hex')
  if (!equalInConstantTime(checkOf(set, part), Buffer.from(check, 'hex'))) {
    throw new ShareError('This share has a typing error: its check does not fit.')
  }
  if (set !== document.set) {
    throw new ShareError(
      `This share is of another set (${set}); this seal needs set ${document.set}.`,
    )
  }
  return part
}

/** The seal opened, or nothing where the shares, though each whole, do not belong together. */
export async function openWithShares(
  document: SharesDocument,
  shares: readonly Buffer[],
): Promise<OpenSeal | undefined> {
  // The last byte is the point of the polynomial: two shares for one point cannot both be right.
  if (new Set(shares.map((share) => share.at(-1))).size < shares.length) return undefined
  return openDocument(document, secretKey(await combineSecret(shares)))
}

function shareText(set: string, part: Buffer): string {
  const text = `keyhold-share-${set}-${part.toString('hex')}-${checkOf(set, part).toString('hex')}`
  part.fill(0)
  return text
}

function checkOf(set: string, part: Buffer): Buffer {
  return sha256('keyhold/1/share\0', set, part).subarray(0, CHECK_BYTES)
}
