// What stands in a backup, once decrypted: frames, one after another. A frame is its length (32 bits,
// big-endian, of what follows), a byte that tells its kind, and its content.
import type { Value } from '../storage/storage.ts'
import { DamagedBackupError } from './errors.ts'

export type Frame =
  /** Comes first: the migrations that made the tables. */
  | { readonly kind: 'contents'; readonly migrations: readonly string[] }
  /** Names the table, and the columns in the order of their values, of the rows that follow. */
  | { readonly kind: 'table'; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly values: readonly Value[] }
  /** Comes last: how many rows there were. */
  | { readonly kind: 'end'; readonly rows: number }

const KINDS = ['contents', 'table', 'row', 'end'] as const
const NULL = 0
const NUMBER = 1
const TEXT = 2
const BYTES = 3

/** The frame as bytes. */
export function encodeFrame(frame: Frame): Buffer {
  const content =
    frame.kind === 'row' ? encodeRow(frame.values) : [Buffer.from(JSON.stringify(frame))]
  const length = content.reduce((sum, part) => sum + part.length, 1)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length)
  head.writeUInt8(KINDS.indexOf(frame.kind), 4)
  return Buffer.concat([head, ...content])
}

/** The frames in these pieces, in memory bounded by the largest frame. */
export async function* framesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let parts: Buffer[] = []
  let have = 0
  let needed = 4
  for await (const piece of pieces) {
    parts.push(piece)
    have += piece.length
    if (have < needed) continue
    const bytes = Buffer.concat(parts)
    let at = 0
    for (;;) {
      const left = bytes.length - at
      needed = left < 4 ? 4 : 4 + bytes.readUInt32BE(at)
      if (left < needed) break
      yield decodeFrame(bytes.subarray(at + 4, at + needed))
      at += needed
    }
    parts = [bytes.subarray(at)]
    have = bytes.length - at
  }
  if (have > 0) throw new DamagedBackupError('it ends within a row')
}

function decodeFrame(bytes: Buffer): Frame {
  const kind = KINDS[bytes.readUInt8(0)]
  if (kind === undefined) throw new DamagedBackupError('a newer release made it')
  const content = bytes.subarray(1)
  if (kind === 'row') return { kind, values: decodeRow(content) }
  return JSON.parse(content.toString('utf8')) as Frame
}

function encodeRow(values: readonly Value[]): Uint8Array[] {
  return values.flatMap((value) => {
    if (value === null) return [Buffer.of(NULL)]
    if (typeof value === 'number') {
      const bytes = Buffer.alloc(9)
      bytes.writeUInt8(NUMBER)
      bytes.writeDoubleBE(value, 1)
      return [bytes]
    }
    const isText = typeof value === 'string'
    const content = isText ? Buffer.from(value) : value
    const head = Buffer.alloc(5)
    head.writeUInt8(isText ? TEXT : BYTES)
    head.writeUInt32BE(content.length, 1)
    return [head, content]
  })
}

function decodeRow(bytes: Buffer): Value[] {
  const values: Value[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at)
    at += 1
    if (tag === NULL) {
      values.push(null)
    } else if (tag === NUMBER) {
      values.push(bytes.readDoubleBE(at))
      at += 8
    } else {
      const end = at + 4 + bytes.readUInt32BE(at)
      const content = bytes.subarray(at + 4, end)
      // A copy, so that a small value does not hold on to the chunk it came in.
      values.push(tag === TEXT ? content.toString('utf8') : Buffer.from(content))
      at = end
    }
  }
  return values
}
