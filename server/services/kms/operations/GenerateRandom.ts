// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html
import { identityDemand } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { length } from '../../../schema/limits.ts'
import { CustomKeyStoreNotFoundException } from '../errors.ts'
import { NUMBER_OF_BYTES } from '../limits.ts'
import { requireNoRecipient } from '../material/symmetric.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type GenerateRandomRequest, type GenerateRandomResponse, kmsSchema } from '../wire.ts'

export const GenerateRandom: KmsReading<GenerateRandomRequest, GenerateRandomResponse, 'account'> =
  {
    schema: kmsSchema('GenerateRandom'),
    limits: { NumberOfBytes: NUMBER_OF_BYTES, CustomKeyStoreId: length(1, 64) },
    errors: [CustomKeyStoreNotFoundException],
    target(input) {
      requireNoRecipient(input.Recipient)
      return 'account'
    },
    demands: (_target, _input, call) => [identityDemand('kms:GenerateRandom', '*', call.account)],
    usage: (_target, _input, call) => draw('CryptographicOperationsSymmetric', call),
    resources: () => [],
    audit: { readOnly: true, show: ['NumberOfBytes', 'CustomKeyStoreId'], showOutput: [] },
    handle(input) {
      if (input.CustomKeyStoreId !== undefined) {
        throw new CustomKeyStoreNotFoundException(input.CustomKeyStoreId)
      }
      if (input.NumberOfBytes === undefined) {
        throw new ValidationException('NumberOfBytes is required.')
      }
      return { Plaintext: randomBytes(input.NumberOfBytes) }
    },
  }
