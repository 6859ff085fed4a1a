// The compiled `digest-signing.c`, where there is one: docs/decisions/0009-digest-signing.md.
import { createRequire } from 'node:module'

/** A key inside OpenSSL; freed when nothing refers to it any more. */
export type NativeKey = { readonly native: unique symbol }

export type DigestSigning = {
  /** Copies the key out of DER PKCS#8; the caller zeroes the buffer. */
  importPrivateKey(pkcs8: Buffer): NativeKey
  importPublicKey(spki: Buffer): NativeKey
  sign(key: NativeKey, scheme: number, digestBits: number, digest: Buffer): Promise<Buffer>
  verify(
    key: NativeKey,
    scheme: number,
    digestBits: number,
    digest: Buffer,
    signature: Buffer,
  ): Promise<boolean>
}

/** The numbers of `enum scheme`. */
export const NATIVE_SCHEMES = {
  ecdsa: 0,
  'rsa-pkcs1': 1,
  'rsa-pss': 2,
  ed25519ph: 3,
  'ml-dsa': 4,
} as const

/** Nothing where it was not compiled, or for another machine or OpenSSL. */
export function loadDigestSigning(): DigestSigning | undefined {
  try {
    return createRequire(import.meta.url)('./build/digest-signing.node') as DigestSigning
  } catch {
    return undefined
  }
}
