// Unambiguous bytes from several fields: each is preceded by its length (32 bits, big-endian), so no
// two lists of fields give the same bytes. Used wherever several facts are bound to one ciphertext.

/** Length-prefixed concatenation; strings are UTF-8. */
export function fields(...values: readonly (string | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = []
  for (const value of values) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(bytes.length)
    parts.push(length, bytes)
  }
  return Buffer.concat(parts)
}
