// The cryptographic library beneath, as an operator asks about it.
import { getFips } from 'node:crypto'

/** Whether OpenSSL computes with its FIPS provider alone. */
export function isFips(): boolean {
  return getFips() === 1
}

export function openSslVersion(): string {
  return process.versions.openssl
}
