// COSE_Sign1 (RFC 9052 §4.2, §4.4) with ES384 (RFC 9053 §2.1), tagged or not: what signs attestation
// documents.
import { verify } from 'node:crypto'
import { encode, Tag } from 'cbor2'
import { readCbor } from './cbor.ts'
import type { PublicKey } from './key-pair.ts'
import { onThreadPool } from './thread-pool.ts'

export type Sign1 = {
  /** The header as it was written, which is what the signature is over. */
  readonly protectedHeader: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

const COSE_SIGN1 = 18
const ALGORITHM = 1
const ES384 = -35
/** r and s, each as long as the order of P-384. */
const SIGNATURE_BYTES = 96
const EMPTY = new Uint8Array(0)

/** The message, unverified; nothing where it is none, or signed with another algorithm. */
export function readSign1(bytes: Uint8Array): Sign1 | undefined {
  const read = readCbor(bytes)
  const message = read instanceof Tag && read.tag === COSE_SIGN1 ? read.contents : read
  if (!Array.isArray(message) || message.length !== 4) return undefined
  const [protectedHeader, unprotected, payload, signature] = message as readonly unknown[]
  if (!(protectedHeader instanceof Uint8Array) || !saysEs384(protectedHeader)) return undefined
  if (!(unprotected instanceof Map) || unprotected.size > 0) return undefined
  if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array)) return undefined
  return signature.length === SIGNATURE_BYTES ? { protectedHeader, payload, signature } : undefined
}

function saysEs384(header: Uint8Array): boolean {
  const read = readCbor(header)
  return read instanceof Map && read.size === 1 && read.get(ALGORITHM) === ES384
}

/** Whether the holder of this P-384 key signed the message. */
export function isSign1Of(
  key: PublicKey,
  { protectedHeader, payload, signature }: Sign1,
): Promise<boolean> {
  const signed = encode(['Signature1', protectedHeader, EMPTY, payload])
  return onThreadPool(
    () =>
      new Promise((resolve) => {
        verify('sha384', signed, { key, dsaEncoding: 'ieee-p1363' }, signature, (error, right) =>
          resolve(!error && right),
        )
      }),
  )
}
