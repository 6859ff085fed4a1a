// The hash chain of the trail: each batch of records is bound to all before it, and its head bears a
// MAC and, often enough, a signature.
// One chain per writing process; `docs/audit-trail.md` describes the format for other verifiers.
import { equalInConstantTime, hmacSha256Hex, sha256Hex } from '../../crypto/digest.ts'
import { fields } from '../../crypto/fields.ts'
import type { SecretKey } from '../../crypto/secret-key.ts'
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

/** The last line of a batch. A head that bears no signature is signed by way of a later one that does. */
export type BatchLine = {
  readonly number: number
  readonly records: number
  readonly head: string
  /** HMAC-SHA-256 over the statement, hexadecimal. */
  readonly mac: string
  /** Ed25519 over the statement, base64. */
  readonly signature?: string
}

/** What vouches for heads: a MAC for each, a signature for some. */
export type HeadKeys = { readonly signingKey: SigningKey; readonly macKey: SecretKey }

const BATCH_PREFIX = '{"batch":'
const OPENING_PREFIX = '{"opening":'

/** What stands in place of the batch line before, for the head of the first batch. */
export function chainStart(chain: string): string {
  return `keyhold/1/trail-chain\0${chain}`
}

/**
 * The head of a batch: over all bytes since the head before it, which are that one's batch line (so
 * its head, too) and the lines of the batch, newlines included.
 */
export function headOf(bytes: Uint8Array): string {
  return sha256Hex(bytes)
}

/** The line that ends a batch, with its newline. */
export function batchLine(
  { signingKey, macKey }: HeadKeys,
  chain: string,
  number: number,
  records: number,
  head: string,
  isSigned: boolean,
): string {
  const stated = statement(chain, number, records, head)
  const mac = hmacSha256Hex(macKey, stated)
  if (!isSigned) return batchText({ number, records, head, mac })
  const signature = signWith(signingKey, stated).toString('base64')
  return batchText({ number, records, head, mac, signature })
}

/** The one form of a batch line; a verifier compares, so that no byte of it can be another one. */
export function batchText({ number, records, head, mac, signature }: BatchLine): string {
  const signed = signature === undefined ? '' : `,"signature":"${signature}"`
  return `${BATCH_PREFIX}{"number":${number},"records":${records},"head":"${head}","mac":"${mac}"${signed}}}\n`
}

export function openingLine(opening: Opening): string {
  return `${OPENING_PREFIX}${JSON.stringify(opening)}}\n`
}

/** Whether a holder of the MAC key says that the chain stood so after this batch. */
export function isMacOfBatch(macKey: SecretKey, chain: string, batch: BatchLine): boolean {
  const { number, records, head, mac } = batch
  const expected = hmacSha256Hex(macKey, statement(chain, number, records, head))
  return equalInConstantTime(Buffer.from(expected), Buffer.from(mac))
}

/** Whether the holder of `publicKey` signed that the chain stood so after this batch. */
export function isSignatureOfBatch(publicKey: Buffer, chain: string, batch: BatchLine): boolean {
  const { number, records, head, signature = '' } = batch
  const bytes = Buffer.from(signature, 'base64')
  if (bytes.toString('base64') !== signature) return false
  return isSignedBy(publicKey, statement(chain, number, records, head), bytes)
}

/** The batch line in this text, or nothing where it is another line or damaged. */
export function readBatchLine(line: string): BatchLine | undefined {
  if (!line.startsWith(BATCH_PREFIX)) return undefined
  const { batch } = parse(line) as { batch?: Partial<BatchLine> }
  const whole =
    Number.isInteger(batch?.number) &&
    Number.isInteger(batch?.records) &&
    typeof batch?.head === 'string' &&
    typeof batch.mac === 'string' &&
    (batch.signature === undefined || typeof batch.signature === 'string')
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

function statement(chain: string, number: number, records: number, head: string): Buffer {
  const headBytes = Buffer.from(head, 'hex')
  return fields('keyhold/1/trail-head', chain, String(number), String(records), headBytes)
}

function parse(line: string): object {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
