// New key pairs for KMS keys, for data key pairs, and for wrapping what is imported.
import { ThrottlingException } from '../../../contract/errors.ts'
import type { KeyPairSpec } from '../../../crypto/algorithms.ts'
import { type KeyPair, newKeyPair } from '../../../crypto/key-pair.ts'
import { PrimeSearchIsFull } from '../../../crypto/prime-search.ts'

/** Throws ThrottlingException, upon which SDKs try again later, where more RSA pairs are wanted than are made. */
export async function generateKeyPair(spec: KeyPairSpec): Promise<KeyPair> {
  try {
    return await newKeyPair(spec)
  } catch (error) {
    throw error instanceof PrimeSearchIsFull ? new ThrottlingException() : error
  }
}
