// Signatures over what is already hashed, by the OpenSSL inside node: the compiled `digest-signing.c`.
import type { KeyObject } from 'node:crypto'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './algorithms.ts'
import { sha512 } from './digest.ts'
import type { DigestSigner } from './digest-signer.ts'
import { exportPublicKey, withPrivateKeyBytes } from './key-pair.ts'
import { type DigestSigning, NATIVE_SCHEMES, type NativeKey } from './native/binding.ts'
import { onThreadPool } from './thread-pool.ts'

/** The signer over the compiled add-on. */
export function nativeDigestSigner(addOn: DigestSigning): DigestSigner {
  // The key inside the add-on goes when the handle does that it was made of.
  const keys = new WeakMap<KeyObject, NativeKey>()

  function nativeKey(key: KeyObject): NativeKey {
    const known = keys.get(key)
    if (known !== undefined) return known
    const made =
      key.type === 'private'
        ? withPrivateKeyBytes(key, addOn.importPrivateKey)
        : addOn.importPublicKey(exportPublicKey(key))
    keys.set(key, made)
    return made
  }

  return {
    sign(key, algorithm, input) {
      const { number, bits, digest } = nativeTask(algorithm, input)
      return onThreadPool(() => addOn.sign(nativeKey(key), number, bits, digest))
    },
    verify(key, algorithm, input, signature) {
      const { number, bits, digest } = nativeTask(algorithm, input)
      const bytes = Buffer.from(signature)
      return onThreadPool(() => addOn.verify(nativeKey(key), number, bits, digest, bytes))
    },
  }
}

function nativeTask(algorithm: SigningAlgorithm, input: Uint8Array) {
  const { scheme, hash } = SIGNING_ALGORITHMS[algorithm]
  return {
    number: NATIVE_SCHEMES[scheme as keyof typeof NATIVE_SCHEMES],
    bits: Number(hash.slice(3)),
    digest: scheme === 'ed25519ph' ? sha512(input) : Buffer.from(input),
  }
}
