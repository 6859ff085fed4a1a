// What RSA signs in place of a message that somebody else hashed: RFC 8017 §9.1 (EMSA-PSS, with a salt
// as long as the hash) and §9.2 (the DigestInfo of EMSA-PKCS1-v1_5).
import { hash as digestOf } from 'node:crypto'
import { HASH_BYTES, type Hash } from './algorithms.ts'
import { equalInConstantTime } from './digest.ts'
import { randomNonce } from './random.ts'

const DIGEST_INFO: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

/** The DigestInfo, which OpenSSL pads. */
export function digestInfo(hash: Hash, digest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(DIGEST_INFO[hash] as string, 'hex'), digest])
}

const TRAILER = 0xbc

/** EMSA-PSS-ENCODE (§9.1.1) for a modulus of whole bytes; the salt is fresh where none is given. */
export function encodePss(
  hash: Hash,
  digest: Uint8Array,
  modulusBits: number,
  salt: Uint8Array = randomNonce(HASH_BYTES[hash]),
): Buffer {
  const length = modulusBits / 8
  const hashed = hashOfSalted(hash, digest, salt)
  const maskedLength = length - hashed.length - 1
  const block = Buffer.alloc(maskedLength)
  block[maskedLength - salt.length - 1] = 1
  block.set(salt, maskedLength - salt.length)
  mask(block, hash, hashed)
  return Buffer.concat([block, hashed, Buffer.of(TRAILER)])
}

/** EMSA-PSS-VERIFY (§9.1.2). */
export function isPssOf(hash: Hash, digest: Uint8Array, encoded: Buffer): boolean {
  const hashBytes = HASH_BYTES[hash]
  const maskedLength = encoded.length - hashBytes - 1
  if (maskedLength < hashBytes + 1 || encoded.at(-1) !== TRAILER) return false
  const hashed = encoded.subarray(maskedLength, -1)
  const block = Buffer.from(encoded.subarray(0, maskedLength))
  // The number is shorter than the modulus by its highest bit.
  if ((block[0] as number) & 0x80) return false
  mask(block, hash, hashed)
  const saltAt = maskedLength - hashBytes
  if (block.subarray(0, saltAt - 1).some((byte) => byte !== 0) || block[saltAt - 1] !== 1) {
    return false
  }
  return equalInConstantTime(hashed, hashOfSalted(hash, digest, block.subarray(saltAt)))
}

/** The hash of eight zero bytes, the digest and the salt. */
function hashOfSalted(hash: Hash, digest: Uint8Array, salt: Uint8Array): Buffer {
  return digestOf(hash, Buffer.concat([Buffer.alloc(8), digest, salt]), 'buffer')
}

/** XORs with MGF1 (§B.2.1) of the seed, and clears the highest bit. */
function mask(block: Buffer, hash: Hash, seed: Uint8Array): void {
  const counter = Buffer.alloc(4)
  for (let at = 0; at < block.length; at += HASH_BYTES[hash]) {
    counter.writeUInt32BE(at / HASH_BYTES[hash])
    const stream = digestOf(hash, Buffer.concat([seed, counter]), 'buffer')
    for (let index = 0; index < stream.length && at + index < block.length; index++) {
      block[at + index] = (block[at + index] as number) ^ (stream[index] as number)
    }
  }
  block[0] = (block[0] as number) & 0x7f
}
