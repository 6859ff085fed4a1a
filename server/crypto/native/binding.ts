// The compiled add-on, where there is one: docs/decisions/0009-digest-signing.md and
// docs/decisions/0013-one-call-cryptography.md.
import { createRequire } from 'node:module'

/** A key inside OpenSSL; freed when nothing refers to it any more. */
export type NativeKey = { readonly native: unique symbol }

/** `digest-signing.c`. */
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

/** A symmetric key inside OpenSSL, ready for HMAC-SHA-256; zeroed when nothing refers to it any more. */
export type NativeSecretKey = { readonly nativeSecret: unique symbol }

/** `symmetric.c`; what its functions do is told in `symmetric-contract.ts`. */
export type NativeSymmetric = {
  /** Copies the key; the caller zeroes the buffer. */
  importSecretKey(bytes: Buffer): NativeSecretKey
  seal(
    key: NativeSecretKey,
    derivation: Uint8Array,
    associated: Uint8Array,
    message: Uint8Array,
    ivAt: number,
    plaintext: Uint8Array,
  ): void
  open(
    key: NativeSecretKey,
    derivation: Uint8Array,
    associated: Uint8Array,
    message: Uint8Array,
    ivAt: number,
    plaintext: Uint8Array,
  ): boolean
  isRequestSignature(
    key: NativeSecretKey,
    text: string,
    body: Uint8Array,
    prefix: string,
    signature: string,
  ): boolean
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
export function loadAddOn(): (DigestSigning & NativeSymmetric) | undefined {
  try {
    return createRequire(import.meta.url)('./build/add-on.node')
  } catch {
    return undefined
  }
}
