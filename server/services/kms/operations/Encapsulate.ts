// https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { encapsulate } from '../../../crypto/key-encapsulation.ts'
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
import { GRANT_TOKENS, KEY_ID } from '../limits.ts'
import { currentKeyPair } from '../material/key-pair.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  type EncapsulateRequest,
  type EncapsulateResponse,
  EncapsulationAlgorithmSpec,
  kmsSchema,
} from '../wire.ts'

export const Encapsulate: KmsUse<EncapsulateRequest, EncapsulateResponse, Key> = {
  schema: kmsSchema('Encapsulate'),
  limits: {
    KeyId: KEY_ID,
    EncapsulationAlgorithm: oneOf(EncapsulationAlgorithmSpec),
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
  target: (input, call) => findKey(input.KeyId, call, 'cryptographic'),
  demands: (target, input, call) => [keyDemand('kms:Encapsulate', target, call, input)],
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId', 'EncapsulationAlgorithm', 'DryRun'], showOutput: [] },
  used: usesKey('Encapsulate'),
  handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'ENCAPSULATE_DECAPSULATE', 'Encapsulate')
    const algorithm = requireAlgorithm(key, 'ENCAPSULATE_DECAPSULATE', input.EncapsulationAlgorithm)
    const made = after(currentKeyPair(key, call), ({ publicKey }) => encapsulate(publicKey))
    return after(made, ({ sharedKey, ciphertext }) => ({
      KeyId: key.arn,
      SharedSecret: sharedKey,
      SharedSecretCiphertextBlob: ciphertext,
      EncapsulationAlgorithm: algorithm,
    }))
  },
}
