// https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireAlgorithm, requireUsable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID, PLAINTEXT } from '../limits.ts'
import { requireContext, requireNoGrantTokens, seal } from '../material/symmetric.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  EncryptionAlgorithmSpec,
  type EncryptRequest,
  type EncryptResponse,
  kmsSchema,
} from '../wire.ts'

export const Encrypt: KmsReading<EncryptRequest, EncryptResponse, Key> = {
  schema: kmsSchema('Encrypt'),
  limits: {
    KeyId: KEY_ID,
    Plaintext: PLAINTEXT,
    GrantTokens: GRANT_TOKENS,
    EncryptionAlgorithm: oneOf(EncryptionAlgorithmSpec),
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
    requireContext(input.EncryptionContext)
    return findKey(input.KeyId, call, 'cryptographic')
  },
  demands: (target, input, call) => [keyDemand('kms:Encrypt', target, call, input)],
  usage: (_target, _input, call) => draw('CryptographicOperationsSymmetric', call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'EncryptionContext', 'EncryptionAlgorithm', 'DryRun'],
    showOutput: [],
  },
  handle(input, key, call) {
    requireNoGrantTokens(input.GrantTokens)
    requireUsable(key)
    requireAlgorithm(key, input.EncryptionAlgorithm)
    return after(seal(key, input.EncryptionContext, input.Plaintext, call), (blob) => ({
      CiphertextBlob: blob,
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' as const,
    }))
  },
}
