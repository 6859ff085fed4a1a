// ML-KEM: FIPS 203. Secrets of 32 bytes.
import { decapsulate as decapsulateWith, encapsulate as encapsulateFor } from 'node:crypto'
import { promisify } from 'node:util'
import { type KeyPairSpec, materialForm } from './algorithms.ts'
import type { PrivateKey, PublicKey } from './key-pair.ts'
import { onThreadPool } from './thread-pool.ts'

export type Encapsulation = { readonly sharedKey: Buffer; readonly ciphertext: Buffer }

const encapsulateAsync = promisify(encapsulateFor) as (key: PublicKey) => Promise<Encapsulation>
const decapsulateAsync = promisify(decapsulateWith) as (
  key: PrivateKey,
  ciphertext: Uint8Array,
) => Promise<Buffer>

/** A fresh secret, and what only the holder of the private key turns back into it. */
export function encapsulate(publicKey: PublicKey): Promise<Encapsulation> {
  return onThreadPool(() => encapsulateAsync(publicKey))
}

/**
 * The secret; nothing where the ciphertext has not the length that the key asks for. Of any other
 * ciphertext that is not one for this key a secret comes that nobody else has: FIPS 203 §6.3.
 */
export async function decapsulate(
  spec: KeyPairSpec,
  privateKey: PrivateKey,
  ciphertext: Uint8Array,
): Promise<Buffer | undefined> {
  const form = materialForm(spec)
  if (form.kind !== 'ml-kem' || ciphertext.length !== form.ciphertextBytes) return undefined
  return onThreadPool(() => decapsulateAsync(privateKey, ciphertext))
}
