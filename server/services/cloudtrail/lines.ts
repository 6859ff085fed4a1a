// Bytes → lines, in bounded memory.
import { readBatchLine } from './chain.ts'

const NEWLINE = 0x0a

/** The lines of a stream, each with its newline; what follows the last newline comes last, without one. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let rest: Buffer[] = []
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...rest, bytes.subarray(from, at + 1)])
      rest = []
      from = at + 1
    }
    if (from < bytes.length) rest.push(bytes.subarray(from))
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}

/** The last complete batch line in the bytes. */
export function lastBatchLineIn(bytes: Buffer): string | undefined {
  const lines = bytes.toString('utf8').split('\n').slice(0, -1)
  return lines.findLast((line) => readBatchLine(line) !== undefined)
}
