// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
import { DryRunOperationException, ValidationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { oneOf } from '../../../schema/limits.ts'
import { attest, forRecipient, recordedRecipient } from '../attestation/recipient.ts'
import {
  DisabledException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireSymmetric, requireUsable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID, NUMBER_OF_BYTES, RECIPIENT } from '../limits.ts'
import { requireContext, seal } from '../material/symmetric.ts'
import type { KmsAttested } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  DataKeySpec,
  type GenerateDataKeyRequest,
  type GenerateDataKeyResponse,
  kmsSchema,
} from '../wire.ts'

export const GenerateDataKey: KmsAttested<GenerateDataKeyRequest, GenerateDataKeyResponse, Key> = {
  schema: kmsSchema('GenerateDataKey'),
  limits: {
    KeyId: KEY_ID,
    NumberOfBytes: NUMBER_OF_BYTES,
    KeySpec: oneOf(DataKeySpec),
    GrantTokens: GRANT_TOKENS,
    Recipient: RECIPIENT,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidKeyUsageException,
    InvalidGrantTokenException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target(input, call) {
    dataKeyBytes(input)
    requireContext(input.EncryptionContext)
    return input.Recipient === undefined
      ? findKey(input.KeyId, call, 'cryptographic')
      : attest(input.Recipient, call).then(() => findKey(input.KeyId, call, 'cryptographic'))
  },
  demands: (target, input, call) => [keyDemand('kms:GenerateDataKey', target, call, input)],
  usage: (_target, _input, call) => draw('CryptographicOperationsSymmetric', call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'EncryptionContext', 'KeySpec', 'NumberOfBytes', 'DryRun'],
    showOutput: [],
  },
  additionalEventData: recordedRecipient,
  used: usesKey('GenerateDataKey'),
  handle(input, key, call) {
    requireUsable(key)
    requireSymmetric(key, 'GenerateDataKey')
    const dataKey = randomBytes(dataKeyBytes(input))
    return after(seal(key, input.EncryptionContext, dataKey, call), (blob) => {
      const output = {
        CiphertextBlob: blob,
        Plaintext: dataKey,
        KeyId: key.arn,
        KeyMaterialId: key.materialId,
      }
      return forRecipient(input.Recipient, output, 'Plaintext')
    })
  },
}

/** The length of the data key in bytes; KeySpec or NumberOfBytes says it, exactly one of them. */
export function dataKeyBytes(
  input: Pick<GenerateDataKeyRequest, 'KeySpec' | 'NumberOfBytes'>,
): number {
  const { KeySpec: spec, NumberOfBytes: bytes } = input
  if ((spec === undefined) === (bytes === undefined)) {
    throw new ValidationException('Please specify either number of bytes or key spec.')
  }
  return bytes ?? (spec === 'AES_128' ? 16 : 32)
}
