// Signatures over what is already hashed, which node:crypto cannot make: by OpenSSL where the add-on was
// compiled, in JavaScript where not. docs/decisions/0009-digest-signing.md.
import type { SigningAlgorithm } from './algorithms.ts'
import type { PrivateKey, PublicKey } from './key-pair.ts'

/** `input` is a digest; of Ed25519ph the message, whose digest it signs; of ML-DSA an external mu. */
export type DigestSigner = {
  sign(key: PrivateKey, algorithm: SigningAlgorithm, input: Uint8Array): Promise<Buffer>
  verify(
    key: PublicKey,
    algorithm: SigningAlgorithm,
    input: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>
}
