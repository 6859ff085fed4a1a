// HMAC (FIPS 198-1) with each hash that KMS offers.
import { createHmac } from 'node:crypto'
import { MAC_ALGORITHMS, type MacAlgorithm } from './algorithms.ts'
import { equalInConstantTime } from './digest.ts'
import type { SecretKey } from './secret-key.ts'

/** The MAC, as long as the hash. */
export function macOf(key: SecretKey, algorithm: MacAlgorithm, message: Uint8Array): Buffer {
  return createHmac(MAC_ALGORITHMS[algorithm].hash, key).update(message).digest()
}

/** Whether `mac` is the whole MAC of the message, compared in constant time. */
export function isMacOf(
  key: SecretKey,
  algorithm: MacAlgorithm,
  message: Uint8Array,
  mac: Uint8Array,
): boolean {
  return equalInConstantTime(macOf(key, algorithm, message), mac)
}
