// Whole messages as node:crypto signs and verifies them: FIPS 186-5, RFC 8017, RFC 8032, FIPS 204.
import { constants, sign } from 'node:crypto'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './algorithms.ts'
import type { PrivateKey, PublicKey } from './key-pair.ts'
import { onThreadPool } from './thread-pool.ts'

/**
 * What node:crypto takes. Its defaults are PKCS #1 and DER. A handle alone is worth having: of an object with
 * options it first finds out, by two exceptions with their stacks, that it is no handle itself.
 */
export function inNode(algorithm: SigningAlgorithm, key: PrivateKey | PublicKey) {
  const { scheme, hash } = SIGNING_ALGORITHMS[algorithm]
  switch (scheme) {
    case 'ecdsa':
    case 'rsa-pkcs1':
      return { hash, given: key }
    case 'rsa-pss': {
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
      return { hash, given: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } }
    }
    default:
      return { hash: null, given: key }
  }
}

/** Signs off the event loop, where the add-on was not compiled. */
export function signByNode(
  key: PrivateKey,
  algorithm: SigningAlgorithm,
  message: Uint8Array,
): Promise<Buffer> {
  const { hash, given } = inNode(algorithm, key)
  return onThreadPool(
    () =>
      new Promise((resolve, reject) => {
        sign(hash, message, given, (error, signature) =>
          error ? reject(error) : resolve(signature),
        )
      }),
  )
}
