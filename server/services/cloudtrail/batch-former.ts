// Forms the batches of one chain: records as bytes, and the line that binds them to all before them.
import { type BatchLine, batchLine, chainStart, type HeadKeys, headOf } from './chain.ts'

export type Batch = Pick<BatchLine, 'number'> & {
  /** Its lines and its batch line; valid until the next batch is formed. */
  readonly lines: Buffer
  readonly isSigned: boolean
}

/** Forms the next batch of these lines, which end in newlines. */
export type BatchFormer = (text: string, records: number, isSigned: boolean) => Batch

const SCRATCH_BYTES = 256 * 1024
const MAX_BYTES_PER_UNIT = 3

/** Batches are numbered in the order in which they are formed: each must become durable before the next. */
export function batchFormer(chain: string, keys: HeadKeys): BatchFormer {
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  let number = 0
  /** What the next head is over, besides the lines of its own batch. */
  let before = chainStart(chain)

  return (text, records, isSigned) => {
    // A batch line is far shorter than this allows.
    const mostBytes = 2 * before.length + 512 + text.length * MAX_BYTES_PER_UNIT
    const bytes = mostBytes <= scratch.length ? scratch : Buffer.allocUnsafeSlow(mostBytes)
    const linesAt = bytes.write(before, 'latin1')
    const lineAt = linesAt + bytes.write(text, linesAt, 'utf8')
    const head = headOf(bytes.subarray(0, lineAt))
    before = batchLine(keys, chain, number, records, head, isSigned)
    const end = lineAt + bytes.write(before, lineAt, 'latin1')
    return { number: number++, lines: bytes.subarray(linesAt, end), isSigned }
  }
}
