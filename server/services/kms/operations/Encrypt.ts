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
import { type Key, requireAlgorithm, requireUsable, requireUsage } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID, PLAINTEXT } from '../limits.ts'
import { encryptUnder } from '../material/encryption.ts'
import { requireContext } from '../material/symmetric.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  EncryptionAlgorithmSpec,
  type EncryptRequest,
  type EncryptResponse,
  kmsSchema,
} from '../wire.ts'

export const Encrypt: KmsUse<EncryptRequest, EncryptResponse, Key> = {
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
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'EncryptionContext', 'EncryptionAlgorithm', 'DryRun'],
    showOutput: [],
  },
  used: usesKey('Encrypt'),
  handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'ENCRYPT_DECRYPT', 'Encrypt')
    const algorithm = requireAlgorithm(
      key,
      'ENCRYPT_DECRYPT',
      input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    )
    const encrypted = encryptUnder(key, algorithm, input.EncryptionContext, input.Plaintext, call)
    return after(encrypted, (blob) => ({
      CiphertextBlob: blob,
      KeyId: key.arn,
      EncryptionAlgorithm: algorithm,
    }))
  },
}
