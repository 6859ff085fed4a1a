// The hash chain of the trail: each batch of records is bound to all before it, and its head is signed.
// One chain per writing process; `docs/audit-trail.md` describes the format for other verifiers.
import { sha256 } from '../../crypto/digest.ts'
import { fields } from '../../crypto/fields.ts'
import { isSignedBy, type SigningKey, signWith } from '../../crypto/signing-key.ts'

/** The first line of a chain: what it is, and the heads of the chains before it. */
export type Opening = {
  readonly chain: string
  readonly format: 1
  readonly openedAt: string
  /** DER SubjectPublicKeyInfo of the Ed25519 key that signs the heads, base64. */
  readonly publicKey: string
  readonly previous: readonly Head[]
  /** Present where the trail goes on from a backup: what stands in no chain before was given up. */
  readonly restored?: RestoredFrom
}

/** The backup that an installation was restored from. */
export type RestoredFrom = { readonly backup: string; readonly createdAt: string }

/** A chain as it stood after one of its batches. */
export type Head = { readonly chain: string; readonly batch: number; readonly head: string }

/** The last line of a batch. */
export type BatchLine = {
  readonly number: number
  readonly records: number
  readonly head: string
  readonly signature: string
}

const BATCH_PREFIX = '{"batch":'
const OPENING_PREFIX = '{"opening":'

/** The head before the first batch. */
export function firstHead(chain: string): Buffer {
  return sha256('keyhold/1/trail-chain\0', chain)
}

/** The head after the batch with these lines, newlines included. */
export function nextHead(head: Uint8Array, lines: Uint8Array): Buffer {
  return sha256(head, lines)
}

/** The line that ends a batch, with its newline. */
export function batchLine(
  key: SigningKey,
  chain: string,
  number: number,
  records: number,
  head: Buffer,
): string {
  const signature = signWith(key, statement(chain, number, records, head)).toString('base64')
  return `${BATCH_PREFIX}{"number":${number},"records":${records},"head":"${head.toString('hex')}","signature":"${signature}"}}\n`
}

export function openingLine(opening: Opening): string {
  return `${OPENING_PREFIX}${JSON.stringify(opening)}}\n`
}

/** Whether the holder of `publicKey` signed that the chain stood so after this batch. */
export function isSignedBatch(publicKey: Buffer, chain: string, batch: BatchLine): boolean {
  const head = Buffer.from(batch.head, 'hex')
  const signature = Buffer.from(batch.signature, 'base64')
  return isSignedBy(publicKey, statement(chain, batch.number, batch.records, head), signature)
}

/** The batch line in this text, or nothing where it is another line or damaged. */
export function readBatchLine(line: string): BatchLine | undefined {
  if (!line.startsWith(BATCH_PREFIX)) return undefined
  const { batch } = parse(line) as { batch?: Partial<BatchLine> }
  const whole =
    Number.isInteger(batch?.number) &&
    Number.isInteger(batch?.records) &&
    typeof batch?.head === 'string' &&
    typeof batch?.signature === 'string'
  return whole ? (batch as BatchLine) : undefined
}

/** The opening in this text, or nothing. */
export function readOpeningLine(line: string): Opening | undefined {
  if (!line.startsWith(OPENING_PREFIX)) return undefined
  const { opening } = parse(line) as { opening?: Partial<Opening> }
  const whole =
    typeof opening?.chain === 'string' &&
    typeof opening?.publicKey === 'string' &&
    Array.isArray(opening?.previous)
  return whole ? (opening as Opening) : undefined
}

function statement(chain: string, number: number, records: number, head: Uint8Array): Buffer {
  return fields('keyhold/1/trail-head', chain, String(number), String(records), head)
}

function parse(line: string): object {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
