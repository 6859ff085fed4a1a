// Symmetric cryptography that every call needs. docs/decisions/0013-one-call-cryptography.md.
import type { SecretKey } from './secret-key.ts'

/** `Key` is how a key is held: by node, or by the add-on. */
export type Symmetric<Key = SecretKey> = {
  /**
   * Encrypts `plaintext` by AES-256-GCM under HMAC-SHA-256(key, derivation): in `message`, which is
   * … IV (12) ‖ ciphertext ‖ tag (16), what follows the IV at `ivAt` is filled in.
   */
  seal(
    key: Key,
    derivation: Uint8Array,
    associated: Uint8Array,
    message: Uint8Array,
    ivAt: number,
    plaintext: Uint8Array,
  ): void
  /** The other way: fills in `plaintext`, or zeroes it and answers false where the message is not authentic. */
  open(
    key: Key,
    derivation: Uint8Array,
    associated: Uint8Array,
    message: Uint8Array,
    ivAt: number,
    plaintext: Uint8Array,
  ): boolean
  /**
   * Whether `signature` is HMAC-SHA-256(key, prefix ‖ SHA-256(text ‖ SHA-256(body))), hashes and MAC in
   * lower-case hexadecimal digits, the texts in Latin-1. Compared in constant time.
   */
  isRequestSignature(
    key: Key,
    text: string,
    body: Uint8Array,
    prefix: string,
    signature: string,
  ): boolean
}
