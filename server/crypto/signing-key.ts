// Ed25519 (RFC 8032) signatures for statements that this server makes about itself.

import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'

export type SigningKey = { readonly privateKey: KeyObject; readonly publicKey: Buffer }

/** A new key pair; `publicKey` is DER SubjectPublicKeyInfo. */
export function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, publicKey: publicKey.export({ format: 'der', type: 'spki' }) }
}

/** The private key as DER PKCS#8, to be wrapped at once; the caller zeroes it. */
export function exportSigningKey(key: SigningKey): Buffer {
  return key.privateKey.export({ format: 'der', type: 'pkcs8' })
}

/** Takes over `pkcs8`: makes the key and zeroes the buffer. */
export function importSigningKey(pkcs8: Buffer): SigningKey {
  try {
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
    return { privateKey, publicKey }
  } finally {
    pkcs8.fill(0)
  }
}

/** A 64-byte signature. */
export function signWith(key: SigningKey, message: Uint8Array): Buffer {
  return sign(null, message, key.privateKey)
}

/** Whether the bytes are the public half of such a key: DER SubjectPublicKeyInfo. */
export function isPublicKey(bytes: Buffer): boolean {
  try {
    return (
      createPublicKey({ key: bytes, format: 'der', type: 'spki' }).asymmetricKeyType === 'ed25519'
    )
  } catch {
    return false
  }
}

/** Whether `signature` is one by the holder of `publicKey` (DER SubjectPublicKeyInfo). */
export function isSignedBy(publicKey: Buffer, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
    return verify(null, message, key, signature)
  } catch {
    return false
  }
}
