// Shamir's secret sharing over GF(2⁸), by an audited library; its randomness is OpenSSL's, by WebCrypto.
import { combine, split } from 'shamir-secret-sharing'
import { needs } from './needs.ts'

export const MAX_SHARES = 255

/** Splits `secret` so that any `threshold` of the shares give it back and fewer tell nothing. */
export async function splitSecret(
  secret: Buffer,
  shares: number,
  threshold: number,
): Promise<Buffer[]> {
  // A secret is split into at most 255 shares, of which at least two are needed.
  needs(
    Number.isInteger(shares) &&
      Number.isInteger(threshold) &&
      shares <= MAX_SHARES &&
      threshold >= 2 &&
      threshold <= shares,
    'A secret is split into at most 255 shares, of which at least two are needed.',
  )
  // The library reads a plain Uint8Array only.
  const copy = new Uint8Array(secret)
  try {
    const parts = await split(copy, shares, threshold)
    return parts.map((part) => takeOver(part))
  } finally {
    copy.fill(0)
  }
}

/** What the shares give: the secret where they are enough and belong together, other bytes otherwise. */
export async function combineSecret(shares: readonly Buffer[]): Promise<Buffer> {
  const parts = shares.map((share) => new Uint8Array(share))
  try {
    return takeOver(await combine(parts))
  } finally {
    for (const part of parts) part.fill(0)
  }
}

function takeOver(part: Uint8Array): Buffer {
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
}
