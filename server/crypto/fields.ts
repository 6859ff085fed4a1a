// Unambiguous bytes from several fields: each is preceded by its length (32 bits, big-endian), so no
// two lists of fields give the same bytes. Used wherever several facts are bound to one ciphertext.

const LENGTH_BYTES = 4

/** Length-prefixed concatenation; strings are UTF-8. */
export function fields(...values: readonly (string | Uint8Array)[]): Buffer {
  let size = 0
  for (const value of values) size += LENGTH_BYTES + Buffer.byteLength(value)
  // One buffer for all: rows are verified by the thousand, and a buffer for each field costs more
  // than the MAC. Every byte of it is written.
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const value of values) {
    const start = at + LENGTH_BYTES
    const length = typeof value === 'string' ? bytes.write(value, start) : value.length
    if (typeof value !== 'string') bytes.set(value, start)
    bytes.writeUInt32BE(length, at)
    at = start + length
  }
  return bytes
}
