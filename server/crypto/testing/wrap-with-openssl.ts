// Wraps key material with the openssl command, as `docs/imported-keys.md` tells operators to.
import { WRAPPING_ALGORITHMS, type WrappingAlgorithm } from '../algorithms.ts'
import { randomBytes } from '../random.ts'
import { openssl } from './openssl.ts'

const HASH = { RSAES_OAEP_SHA_1: 'sha1', RSAES_OAEP_SHA_256: 'sha256' } as const

/** What ImportKeyMaterial takes, for the wrapping key that `spki` is. */
export function wrapWithOpenssl(
  algorithm: WrappingAlgorithm,
  spki: Uint8Array,
  material: Uint8Array,
): Buffer {
  const { oaep, byAesKey } = WRAPPING_ALGORITHMS[algorithm]
  const options = [
    'rsa_padding_mode:oaep',
    `rsa_oaep_md:${HASH[oaep]}`,
    `rsa_mgf1_md:${HASH[oaep]}`,
  ].flatMap((option) => ['-pkeyopt', option])
  const underRsa = (text: Uint8Array) =>
    openssl(
      { text, spki },
      ...['pkeyutl', '-encrypt', '-pubin', '-inkey', 'spki', '-keyform', 'DER'],
      ...['-in', 'text', '-out', 'out'],
      ...options,
    ).out
  if (!byAesKey) return underRsa(material)
  const aesKey = randomBytes(32)
  const { out } = openssl(
    { text: material },
    ...['enc', '-id-aes256-wrap-pad', '-K', aesKey.toString('hex'), '-iv', 'A65959A6'],
    ...['-in', 'text', '-out', 'out'],
  )
  return Buffer.concat([underRsa(aesKey), out])
}
