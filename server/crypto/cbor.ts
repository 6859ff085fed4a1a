// CBOR (RFC 8949) from strangers: shortest forms, no key twice, little depth, and no tag that means
// anything to the decoder. Lengths may be indefinite: AWS writes its documents so.
import { type DecodeOptions, decode } from 'cbor2'

const STRICT: DecodeOptions = {
  // Else one key could be written in two ways.
  requirePreferred: true,
  rejectDuplicateKeys: true,
  rejectFloats: true,
  rejectSimple: true,
  rejectUndefined: true,
  createObject: onlyOnce,
  // Among those known to the decoder are dates and regular expressions.
  ignoreGlobalTags: true,
  maxDepth: 4,
}

/** The decoder compares keys as they are written, and text of indefinite length is the same text. */
function onlyOnce(entries: readonly (readonly [key: unknown, value: unknown, ...unknown[]])[]) {
  const map = new Map(entries.map(([key, value]) => [key, value]))
  if (map.size < entries.length) throw new Error('a key stands twice')
  return map
}

/** One item that fills all of `bytes`; nothing where it is not one. Byte strings are views into `bytes`. */
export function readCbor(bytes: Uint8Array): unknown {
  // A Buffer would come back in parts that are Buffers, which the encoder takes for objects.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return decode(plain, STRICT)
  } catch {
    return undefined
  }
}
