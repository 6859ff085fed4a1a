// RSAES-OAEP (RFC 8017 §7.1) with MGF1 over the same hash and an empty label.
import { constants, type KeyObject, publicEncrypt, webcrypto } from 'node:crypto'
import { OAEP_ALGORITHMS, type OaepAlgorithm } from './algorithms.ts'
import type { PrivateKey, PublicKey } from './key-pair.ts'
import { onThreadPool } from './thread-pool.ts'

/** Encrypts; the plaintext is at most `oaepMaxBytes` long. */
export function encryptOaep(
  key: PublicKey,
  algorithm: OaepAlgorithm,
  plaintext: Uint8Array,
): Buffer {
  const { hash: oaepHash } = OAEP_ALGORITHMS[algorithm]
  return publicEncrypt({ key, oaepHash, padding: constants.RSA_PKCS1_OAEP_PADDING }, plaintext)
}

/** The plaintext, or nothing where the ciphertext is not one for this key; why is not told. */
export async function decryptOaep(
  key: PrivateKey,
  algorithm: OaepAlgorithm,
  ciphertext: Uint8Array,
): Promise<Buffer | undefined> {
  try {
    const handle = decryptionHandle(key, algorithm)
    return Buffer.from(
      await onThreadPool(() =>
        webcrypto.subtle.decrypt('RSA-OAEP', handle, ciphertext as Uint8Array<ArrayBuffer>),
      ),
    )
  } catch {
    return undefined
  }
}

type Handles = { [Algorithm in OaepAlgorithm]?: webcrypto.CryptoKey }

const handles = new WeakMap<KeyObject, Handles>()

/** Web Crypto decrypts on the thread pool, which `privateDecrypt` does not. */
function decryptionHandle(key: PrivateKey, algorithm: OaepAlgorithm): webcrypto.CryptoKey {
  const known = handles.get(key) ?? {}
  const hash = algorithm === 'RSAES_OAEP_SHA_1' ? 'SHA-1' : 'SHA-256'
  const handle = known[algorithm] ?? key.toCryptoKey({ name: 'RSA-OAEP', hash }, false, ['decrypt'])
  handles.set(key, { ...known, [algorithm]: handle })
  return handle
}
