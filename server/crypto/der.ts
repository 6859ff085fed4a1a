// As much of DER (X.690 §8, §10) as it takes to find the bytes of a key in PKCS#8 (RFC 5958, RFC 5915,
// RFC 8410) and SubjectPublicKeyInfo (RFC 5280), and the parts of a certificate. No copies are made.
import { needs } from './needs.ts'

/** An element with its tag of one byte. */
export type Element = {
  readonly tag: number
  readonly content: Buffer
  /** Tag, length and content. */
  readonly whole: Buffer
}

const MAX_LENGTH_BYTES = 4

/** The elements that stand one after another in `bytes`. */
export function taggedElements(bytes: Buffer): readonly Element[] {
  const found: Element[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at] as number
    // A tag of DER is one byte here.
    needs((tag & 0x1f) !== 0x1f, 'A tag of DER is one byte here.')
    const { start, length } = contentAt(bytes, at + 1)
    // An element of DER lies within the bytes that hold it.
    needs(start + length <= bytes.length, 'An element of DER lies within the bytes that hold it.')
    const content = bytes.subarray(start, start + length)
    found.push({ tag, content, whole: bytes.subarray(at, start + length) })
    at = start + length
  }
  return found
}

/** Where the content begins whose length stands at `at`, and how long it is. */
function contentAt(bytes: Buffer, at: number): { start: number; length: number } {
  const short = bytes[at] ?? 0
  if (short < 0x80) return { start: at + 1, length: short }
  const lengthBytes = short & 0x7f
  const start = at + 1 + lengthBytes
  const isRead = lengthBytes > 0 && lengthBytes <= MAX_LENGTH_BYTES && start <= bytes.length
  const length = isRead ? bytes.readUIntBE(at + 1, lengthBytes) : 0
  const shortest = length < 0x80 ? 0 : Math.ceil((32 - Math.clz32(length)) / 8)
  // A length of DER is definite, and as short as can be.
  needs(isRead && shortest === lengthBytes, 'A length of DER is definite, and as short as can be.')
  return { start, length }
}

/** The contents of the elements that stand one after another in `bytes`. */
export function elements(bytes: Buffer): readonly Buffer[] {
  return taggedElements(bytes).map(({ content }) => content)
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
