// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html
import { identityDemand } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { length } from '../../../schema/limits.ts'
import {
  attest,
  forRecipient,
  recipientConditions,
  recordedRecipient,
} from '../attestation/recipient.ts'
import { CustomKeyStoreNotFoundException } from '../errors.ts'
import { NUMBER_OF_BYTES, RECIPIENT } from '../limits.ts'
import type { KmsAttestedReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type GenerateRandomRequest, type GenerateRandomResponse, kmsSchema } from '../wire.ts'

export const GenerateRandom: KmsAttestedReading<
  GenerateRandomRequest,
  GenerateRandomResponse,
  'account'
> = {
  schema: kmsSchema('GenerateRandom'),
  limits: { NumberOfBytes: NUMBER_OF_BYTES, CustomKeyStoreId: length(1, 64), Recipient: RECIPIENT },
  errors: [CustomKeyStoreNotFoundException],
  target: (input, call) =>
    input.Recipient === undefined
      ? 'account'
      : attest(input.Recipient, call).then(() => 'account' as const),
  demands: (_target, input, call) => [
    identityDemand('kms:GenerateRandom', '*', call.account, () => recipientConditions(input)),
  ],
  usage: (_target, _input, call) => draw('CryptographicOperationsSymmetric', call),
  resources: () => [],
  audit: { readOnly: true, show: ['NumberOfBytes', 'CustomKeyStoreId'], showOutput: [] },
  additionalEventData: recordedRecipient,
  handle(input) {
    if (input.CustomKeyStoreId !== undefined) {
      throw new CustomKeyStoreNotFoundException(input.CustomKeyStoreId)
    }
    if (input.NumberOfBytes === undefined) {
      throw new ValidationException('NumberOfBytes is required.')
    }
    const output = { Plaintext: randomBytes(input.NumberOfBytes) }
    return forRecipient(input.Recipient, output, 'Plaintext')
  },
}
