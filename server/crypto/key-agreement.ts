// ECDH: the cofactor Diffie-Hellman primitive of NIST SP 800-56A Rev. 3 §5.7.1.2, whose cofactor is 1
// on every curve here.
import { diffieHellman } from 'node:crypto'
import { promisify } from 'node:util'
import type { PrivateKey, PublicKey } from './key-pair.ts'
import { onThreadPool } from './thread-pool.ts'

const agree = promisify(diffieHellman) as (keys: {
  privateKey: PrivateKey
  publicKey: PublicKey
}) => Promise<Buffer>

/**
 * The x-coordinate of the shared point, as long as the field. The other side's key was read by
 * `readPublicKey` for the same spec: it is on the curve, and not the point at infinity.
 */
export function sharedSecret(privateKey: PrivateKey, publicKey: PublicKey): Promise<Buffer> {
  return onThreadPool(() => agree({ privateKey, publicKey }))
}
