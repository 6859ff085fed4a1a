// The compiled add-on, where there is one: docs/decisions/0009-digest-signing.md and
// docs/decisions/0013-one-call-cryptography.md.
import { createRequire } from 'node:module'
import type { Symmetric } from '../symmetric-contract.ts'

/** A key inside OpenSSL; freed when nothing refers to it any more. */
export type NativeKey = { readonly native: unique symbol }

/** What is signed is a digest or an external mu, or a whole message that is hashed first. */
export type SigningTask = readonly [
  key: NativeKey,
  scheme: number,
  digestBits: number,
  isWhole: boolean,
  input: Uint8Array,
]

/** `verifying.c` and `signing.c`. */
export type DigestSigning = {
  /** Copies the key out of DER PKCS#8; the caller zeroes the buffer. */
  importPrivateKey(pkcs8: Buffer): NativeKey
  importPublicKey(spki: Buffer): NativeKey
  /** In the order of the tasks; nothing where OpenSSL refused. */
  sign(tasks: readonly SigningTask[]): Promise<(Buffer | undefined)[]>
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

/** `symmetric.c`. */
export type NativeSymmetric = Symmetric<NativeSecretKey> & {
  /** Copies the key; the caller zeroes the buffer. */
  importSecretKey(bytes: Buffer): NativeSecretKey
}

/** The numbers of `enum scheme`. */
export const NATIVE_SCHEMES = {
  ecdsa: 0,
  'rsa-pkcs1': 1,
  'rsa-pss': 2,
  ed25519ph: 3,
  'ml-dsa': 4,
} as const

/** What `add-on.h` has: what functions there are and what they take. */
const CONTRACT = 2

const compiled = () => createRequire(import.meta.url)('./build/add-on.node')

/** Nothing where it was not compiled, or for another machine or OpenSSL, or from sources of another release. */
export function loadAddOn(load = compiled): (DigestSigning & NativeSymmetric) | undefined {
  try {
    const addOn = load()
    return addOn.contract === CONTRACT ? addOn : undefined
  } catch {
    return undefined
  }
}
