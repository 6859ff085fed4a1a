// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireSymmetric, requireUsable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID } from '../limits.ts'
import { newDataKeyPair } from '../material/data-key-pair.ts'
import { requireContext } from '../material/symmetric.ts'
import type { KmsUse } from '../operation.ts'
import { dataKeyPairQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  DataKeyPairSpec,
  type GenerateDataKeyPairWithoutPlaintextRequest,
  type GenerateDataKeyPairWithoutPlaintextResponse,
  kmsSchema,
} from '../wire.ts'

export const GenerateDataKeyPairWithoutPlaintext: KmsUse<
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse,
  Key
> = {
  schema: kmsSchema('GenerateDataKeyPairWithoutPlaintext'),
  limits: { KeyId: KEY_ID, KeyPairSpec: oneOf(DataKeyPairSpec), GrantTokens: GRANT_TOKENS },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidKeyUsageException,
    InvalidGrantTokenException,
    KMSInvalidStateException,
    UnsupportedOperationException,
    DryRunOperationException,
  ],
  target(input, call) {
    requireContext(input.EncryptionContext)
    return findKey(input.KeyId, call, 'cryptographic')
  },
  demands: (target, input, call) => [
    keyDemand('kms:GenerateDataKeyPairWithoutPlaintext', target, call, input),
  ],
  usage: (_target, input, call) => draw(dataKeyPairQuota(input.KeyPairSpec), call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'EncryptionContext', 'KeyPairSpec', 'DryRun'],
    showOutput: [],
  },
  used: usesKey('GenerateDataKeyPairWithoutPlaintext'),
  handle(input, key, call) {
    requireUsable(key)
    requireSymmetric(key, 'GenerateDataKeyPairWithoutPlaintext')
    return newDataKeyPair(key, input, call, () => ({}))
  },
}
