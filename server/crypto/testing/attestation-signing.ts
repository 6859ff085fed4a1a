// COSE_Sign1 messages with ES384, their Sig_structure written byte by byte: the other side of `cose-sign1.ts`.
import { type KeyObject, sign } from 'node:crypto'

export type Form = {
  /** Hexadecimal; `{1: -35}` where nothing is said. */
  readonly protectedHeader?: string
  readonly unprotected?: string
  readonly isTagged?: boolean
  /** What stands in the message, where that is not what was signed. */
  readonly sentPayload?: Uint8Array
  readonly encoding?: 'ieee-p1363' | 'der'
}

const ES384 = 'a1013822'

export function signedMessage(payload: Uint8Array, key: KeyObject, form: Form = {}): Buffer {
  const protectedHeader = byteString(Buffer.from(form.protectedHeader ?? ES384, 'hex'))
  const signed = Buffer.concat([
    Buffer.from('846a', 'hex'),
    Buffer.from('Signature1'),
    protectedHeader,
    Buffer.of(0x40),
    byteString(payload),
  ])
  const dsaEncoding = form.encoding ?? 'ieee-p1363'
  return Buffer.concat([
    Buffer.from(form.isTagged ? 'd284' : '84', 'hex'),
    protectedHeader,
    Buffer.from(form.unprotected ?? 'a0', 'hex'),
    byteString(form.sentPayload ?? payload),
    byteString(sign('sha384', signed, { key, dsaEncoding })),
  ])
}

function byteString(bytes: Uint8Array): Buffer {
  const { length } = bytes
  if (length < 24) return Buffer.concat([Buffer.of(0x40 | length), bytes])
  if (length < 256) return Buffer.concat([Buffer.of(0x58, length), bytes])
  return Buffer.concat([Buffer.of(0x59, length >> 8, length & 0xff), bytes])
}
