// Answers for an attested recipient alone: what its document proves counts in policies and is recorded,
// and the plaintext leaves encrypted under its key.
// https://docs.aws.amazon.com/kms/latest/developerguide/cryptographic-attestation.html
import { envelop } from '../../../crypto/enveloped-data.ts'
import type { ContextValue } from '../../../policy/context.ts'
import { requireMember } from '../required-member.ts'
import type { RecipientInfo } from '../wire.ts'
import type { Registers } from './attestation-document.ts'
import type { Attestation, Attestations } from './attestations.ts'

type Attested = { readonly Recipient?: RecipientInfo | undefined }

/** What was verified of the recipient that a request names. */
const attested = new WeakMap<RecipientInfo, Attestation>()

/** Verifies what the recipient says of itself; from then on the functions below know it. */
export async function attest(
  recipient: RecipientInfo,
  call: { readonly nowMs: number; readonly stores: { readonly attestations: Attestations } },
): Promise<void> {
  attested.delete(recipient)
  const document = requireMember(recipient.AttestationDocument, 'recipient.attestationDocument')
  requireMember(recipient.KeyEncryptionAlgorithm, 'recipient.keyEncryptionAlgorithm')
  attested.set(recipient, await call.stores.attestations.verify(document, call.nowMs))
}

/** `kms:RecipientAttestation:…`, only where there is a document; values in lower-case hexadecimal. */
export function* recipientConditions({
  Recipient: recipient,
}: Attested): Generator<readonly [key: string, value: ContextValue]> {
  const attestation = recipient && attested.get(recipient)
  if (attestation === undefined) return
  const { enclaveRegisters = NONE, tpmRegisters = NONE } = attestation
  const image = enclaveRegisters.get(0)
  if (image !== undefined) yield ['kms:RecipientAttestation:ImageSha384', hex(image)]
  for (const [index, value] of enclaveRegisters) {
    yield [`kms:RecipientAttestation:PCR${index}`, hex(value)]
  }
  for (const [index, value] of tpmRegisters) {
    yield [`kms:RecipientAttestation:NitroTPMPCR${index}`, hex(value)]
  }
}

/**
 * What CloudTrail shows of the recipient, with the registers that it shows.
 * https://docs.aws.amazon.com/kms/latest/developerguide/ct-attestation.html
 */
export function recordedRecipient({ Recipient: recipient }: Attested): object | undefined {
  const attestation = recipient && attested.get(recipient)
  if (attestation === undefined) return undefined
  const { moduleId, enclaveRegisters, tpmRegisters } = attestation
  return {
    recipient: {
      attestationDocumentModuleId: moduleId,
      ...shown(enclaveRegisters, [0], () => 'attestationDocumentEnclaveImageDigest'),
      ...shown(enclaveRegisters, [1, 2, 3, 4, 8], (at) => `attestationDocumentEnclavePCR${at}`),
      ...shown(tpmRegisters, [4, 7, 8, 9, 16, 23], (at) => `attestationDocumentNitroTPMPCR${at}`),
    },
  }
}

function shown(
  registers: Registers = NONE,
  indexes: readonly number[],
  nameOf: (index: number) => string,
): Readonly<Record<string, string>> {
  const told = indexes.flatMap((index) => {
    const value = registers.get(index)
    return value === undefined ? [] : [[nameOf(index), Buffer.from(value).toString('base64')]]
  })
  return Object.fromEntries(told)
}

/** The output as it is; for a recipient, with this member in an envelope instead, and zeroed. */
export function forRecipient<
  Output extends { readonly [Member in Name]: Uint8Array },
  Name extends string,
>(
  recipient: RecipientInfo | undefined,
  output: Output,
  member: Name,
): Output | EnvelopedOutput<Output, Name> {
  if (recipient === undefined) return output
  const { [member]: plaintext, ...rest } = output
  try {
    return { ...rest, CiphertextForRecipient: envelopeFor(recipient, plaintext) }
  } finally {
    plaintext.fill(0)
  }
}

type EnvelopedOutput<Output, Name extends string> = Omit<Output, Name> & {
  readonly CiphertextForRecipient: Uint8Array
}

/** The plaintext for a recipient that was attested. */
export function envelopeFor(recipient: RecipientInfo, plaintext: Uint8Array): Buffer {
  const attestation = attested.get(recipient)
  if (attestation === undefined) throw new Error('the recipient was not attested')
  return envelop(attestation.recipientKey, plaintext)
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex')
}

const NONE: Registers = new Map()
