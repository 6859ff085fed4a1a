// As much of DER (X.690 §8, §10) as it takes to find the bytes of a key in PKCS#8 (RFC 5958, RFC 5915,
// RFC 8410) and SubjectPublicKeyInfo (RFC 5280) that OpenSSL wrote. No copies are made.
import { needs } from './needs.ts'

/** The contents of the elements that stand one after another in `bytes`. */
export function elements(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    const short = bytes[at + 1] ?? 0
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f
    const start = at + 2 + lengthBytes
    const length = lengthBytes === 0 ? short : bytes.readUIntBE(at + 2, lengthBytes)
    // An element of DER lies within the bytes that hold it.
    needs(start + length <= bytes.length, 'An element of DER lies within the bytes that hold it.')
    found.push(bytes.subarray(start, start + length))
    at = start + length
  }
  return found
}

/** The content at the end of a path, such as the third element of the first. */
export function elementAt(bytes: Buffer, ...path: readonly number[]): Buffer {
  let found = bytes
  for (const index of path) {
    const element = elements(found)[index]
    // A path through DER leads to an element.
    needs(element !== undefined, 'A path through DER leads to an element.')
    found = element
  }
  return found
}
