// Symmetric cryptography in one call each, by the OpenSSL inside node: the compiled `symmetric.c`.
import type { NativeSecretKey, NativeSymmetric } from './native/binding.ts'
import { type SecretKey, withKeyBytes } from './secret-key.ts'
import type { Symmetric } from './symmetric-contract.ts'

export function nativeSymmetric(addOn: NativeSymmetric): Symmetric {
  // The key inside the add-on goes when the handle does that it was made of.
  const keys = new WeakMap<SecretKey, NativeSecretKey>()

  function nativeKey(key: SecretKey): NativeSecretKey {
    const known = keys.get(key)
    if (known !== undefined) return known
    const made = withKeyBytes(key, addOn.importSecretKey)
    keys.set(key, made)
    return made
  }

  return {
    seal(key, derivation, associated, message, ivAt, plaintext) {
      addOn.seal(nativeKey(key), derivation, associated, message, ivAt, plaintext)
    },
    open(key, derivation, associated, message, ivAt, plaintext) {
      return addOn.open(nativeKey(key), derivation, associated, message, ivAt, plaintext)
    },
    isRequestSignature(key, text, body, prefix, signature) {
      return addOn.isRequestSignature(nativeKey(key), text, body, prefix, signature)
    },
  }
}
