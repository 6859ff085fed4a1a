// Attestation documents, believed or refused: signed a moment ago, by who has a certificate of a
// trusted root, for who holds a key that is fit for the answer.
import { ValidationException } from '../../../contract/errors.ts'
import type { TrustedRoot } from '../../../crypto/certification-path.ts'
import { isSign1Of, readSign1 } from '../../../crypto/cose-sign1.ts'
import { readRecipientKey } from '../../../crypto/enveloped-data.ts'
import { heldPaths } from '../../../crypto/held-paths.ts'
import type { PublicKey } from '../../../crypto/key-pair.ts'
import { type Registers, readAttestationDocument } from './attestation-document.ts'

/** What a document proves, once it was verified. */
export type Attestation = {
  readonly moduleId: string
  readonly enclaveRegisters: Registers | undefined
  readonly tpmRegisters: Registers | undefined
  /** Under which the answer is encrypted. */
  readonly recipientKey: PublicKey
}

export type Attestations = {
  /** Throws ValidationException where the document is not to be believed at this moment. */
  verify(document: Uint8Array, nowMs: number): Promise<Attestation>
}

/** The API takes more, but no document is longer: what is signed has 16,384 bytes at most. */
const MAX_DOCUMENT_BYTES = 16_384 + 128
/** As long as a signature of a request counts, before and after its moment. */
const FRESH_MS = 5 * 60 * 1000

/** Without roots nothing is believed. */
export function attestations(roots: readonly TrustedRoot[]): Attestations {
  const validate = heldPaths(roots)
  return {
    async verify(document, nowMs) {
      if (roots.length === 0) {
        throw new ValidationException(
          'Recipient is not supported by this server: it was started without --nitro-root.',
        )
      }
      const found = await verified(document, validate, nowMs)
      if (typeof found !== 'string') return found
      throw new ValidationException(`The attestation document is not valid: ${found}.`)
    },
  }
}

/** Or what is wrong with it. What costs least comes first, what is signed by nobody last. */
async function verified(
  document: Uint8Array,
  validate: ReturnType<typeof heldPaths>,
  nowMs: number,
): Promise<Attestation | string> {
  const message = document.length > MAX_DOCUMENT_BYTES ? undefined : readSign1(document)
  if (message === undefined) return 'it is not a COSE_Sign1 message with ES384'
  const read = readAttestationDocument(message.payload)
  if (typeof read === 'string') return read
  if (Math.abs(nowMs - read.timestampMs) > FRESH_MS) {
    return 'its timestamp is more than five minutes away from now'
  }
  if (read.publicKey === undefined) return 'it has no public key'
  const recipientKey = readRecipientKey(read.publicKey)
  if (recipientKey === undefined) return 'its public key is not an RSA key of at least 2048 bits'
  const path = await validate([...read.authorities, read.certificate], nowMs)
  if (typeof path === 'string') return path
  if (!(await isSign1Of(path.key, message))) return 'its signature is not valid'
  const { moduleId, enclaveRegisters, tpmRegisters } = read
  return { moduleId, enclaveRegisters, tpmRegisters, recipientKey }
}
