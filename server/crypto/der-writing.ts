// Elements of DER (X.690 §8, §10), and of BER where their length is told by their end (§8.1.3.6).

/** Tags of one byte. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific, constructed. */
  context: (number: number) => 0xa0 | number,
} as const

const END_OF_CONTENTS = Buffer.alloc(2)

/** An element around the contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, { length }) => sum + length, 0)
  return Buffer.concat([Buffer.of(tag), lengthOf(length), ...contents])
}

/** An element of indefinite length, which only BER has. */
export function indefinite(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(tag, 0x80), ...contents, END_OF_CONTENTS])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes = length <= 0xff ? 1 : length <= 0xffff ? 2 : 3
  const written = Buffer.of(0x80 | bytes, 0, 0, 0).subarray(0, bytes + 1)
  written.writeUIntBE(length, 1, bytes)
  return written
}

/** An object identifier, such as `1.2.840.113549.1.7.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]]
  return der(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...rest].flatMap(sevenBits)))
}

/** Big-endian groups of seven bits; the highest bit says that another follows. */
function sevenBits(number: number): number[] {
  const groups = [number & 0x7f]
  for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
  return groups
}
