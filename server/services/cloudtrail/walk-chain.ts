// One chain from its first byte to its last: whether each batch is the one that was written.
import type { SecretKey } from '../../crypto/secret-key.ts'
import {
  type BatchLine,
  batchText,
  chainStart,
  headOf,
  isMacOfBatch,
  isSignatureOfBatch,
  type Opening,
  readBatchLine,
  readOpeningLine,
} from './chain.ts'
import type { Journal } from './journal.ts'
import { linesOf } from './lines.ts'

export type VerifyingKeys = {
  /** Of the key that signs heads, DER SubjectPublicKeyInfo. */
  readonly publicKey: Buffer
  /** Nothing where the root key is not at hand. */
  readonly macKey: SecretKey | undefined
}

export type WalkedChain = {
  readonly opening: Opening | undefined
  /** By the number of the batch. */
  readonly heads: readonly string[]
  /** How many records there are up to each batch. */
  readonly recordsUpTo: readonly number[]
  /** The last batch that bears a signature, −1 where none does. */
  readonly signedBatch: number
  readonly tornBytes: number
}

/** Walks as far as the chain is whole; what is wrong behind that goes to `report`. */
export async function walkChain(
  journal: Journal,
  chain: string,
  keys: VerifyingKeys,
  report: (problem: string) => void,
  onRecord: (record: string) => void,
): Promise<WalkedChain> {
  const heads: string[] = []
  const recordsUpTo: number[] = []
  let opening: Opening | undefined
  let signedBatch = -1
  let before: Uint8Array = Buffer.from(chainStart(chain))
  let lines: Buffer[] = []
  let records = 0
  const walked = (tornBytes: number) => ({ opening, heads, recordsUpTo, signedBatch, tornBytes })

  for await (const line of linesOf(journal.read(chain))) {
    const batch = readWholeBatchLine(line)
    if (batch === undefined) {
      lines.push(line)
      continue
    }
    const { number } = batch
    const head = headOf(Buffer.concat([before, ...lines]))
    const problem =
      number !== heads.length
        ? `batch ${heads.length} is missing; batch ${number} stands in its place`
        : batchProblem(chain, keys, batch, head, line)
    if (problem !== undefined) {
      report(problem)
      return walked(0)
    }
    if (number === 0) {
      opening = readOpeningLine(lines[0]?.toString('utf8').trimEnd() ?? '')
      if (opening?.chain !== chain) report('does not begin with its own opening')
    } else {
      if (batch.records !== lines.length) report(`batch ${number} has lost records`)
      for (const record of lines) onRecord(record.toString('utf8').trimEnd())
      records += lines.length
    }
    heads.push(head)
    recordsUpTo.push(records)
    if (batch.signature !== undefined) signedBatch = number
    before = line
    lines = []
  }
  return walked(lines.reduce((sum, line) => sum + line.length, 0))
}

function readWholeBatchLine(line: Buffer): BatchLine | undefined {
  const text = line.toString('utf8')
  return text.endsWith('\n') ? readBatchLine(text.slice(0, -1)) : undefined
}

/** Why the batch with this line is not the one that was written, or nothing. */
function batchProblem(
  chain: string,
  { publicKey, macKey }: VerifyingKeys,
  batch: BatchLine,
  head: string,
  line: Buffer,
): string | undefined {
  const { number, signature } = batch
  if (batch.head !== head) return `the records of batch ${number} are not those that were written`
  // An opening names other chains' heads, and so signs them: it has to be signed itself.
  if (signature !== undefined || number === 0) {
    if (!isSignatureOfBatch(publicKey, chain, batch)) {
      return `the head of batch ${number} is not signed by this installation's key`
    }
  }
  if (macKey !== undefined && !isMacOfBatch(macKey, chain, batch)) {
    return `the head of batch ${number} does not bear this installation's MAC`
  }
  return batchText(batch) === line.toString('utf8')
    ? undefined
    : `the head of batch ${number} is not written as this server writes it`
}
