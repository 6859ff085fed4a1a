// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireSymmetric, requireUsable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID, NUMBER_OF_BYTES } from '../limits.ts'
import { requireContext, seal } from '../material/symmetric.ts'
import { zeroedAfter } from '../material/zeroed.ts'
import type { KmsUse } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  DataKeySpec,
  type GenerateDataKeyWithoutPlaintextRequest,
  type GenerateDataKeyWithoutPlaintextResponse,
  kmsSchema,
} from '../wire.ts'
import { dataKeyBytes } from './GenerateDataKey.ts'

export const GenerateDataKeyWithoutPlaintext: KmsUse<
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
  Key
> = {
  schema: kmsSchema('GenerateDataKeyWithoutPlaintext'),
  limits: {
    KeyId: KEY_ID,
    KeySpec: oneOf(DataKeySpec),
    NumberOfBytes: NUMBER_OF_BYTES,
    GrantTokens: GRANT_TOKENS,
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
    return findKey(input.KeyId, call, 'cryptographic')
  },
  demands: (target, input, call) => [
    keyDemand('kms:GenerateDataKeyWithoutPlaintext', target, call, input),
  ],
  usage: (_target, _input, call) => draw('CryptographicOperationsSymmetric', call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'EncryptionContext', 'KeySpec', 'NumberOfBytes', 'DryRun'],
    showOutput: [],
  },
  used: usesKey('GenerateDataKeyWithoutPlaintext'),
  handle(input, key, call) {
    requireUsable(key)
    requireSymmetric(key, 'GenerateDataKeyWithoutPlaintext')
    const dataKey = randomBytes(dataKeyBytes(input))
    const sealed = zeroedAfter(dataKey, () => seal(key, input.EncryptionContext, dataKey, call))
    return after(sealed, (blob) => ({
      CiphertextBlob: blob,
      KeyId: key.arn,
      KeyMaterialId: key.materialId,
    }))
  },
}
