// https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { isKeyPairSpec } from '../../../crypto/algorithms.ts'
import { decapsulate } from '../../../crypto/key-encapsulation.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidCiphertextException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireAlgorithm, requireUsable, requireUsage } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { CIPHERTEXT, GRANT_TOKENS, KEY_ID } from '../limits.ts'
import { currentKeyPair } from '../material/key-pair.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  type DecapsulateRequest,
  type DecapsulateResponse,
  EncapsulationAlgorithmSpec,
  kmsSchema,
} from '../wire.ts'

export const Decapsulate: KmsUse<DecapsulateRequest, DecapsulateResponse, Key> = {
  schema: kmsSchema('Decapsulate'),
  limits: {
    KeyId: KEY_ID,
    SharedSecretCiphertextBlob: CIPHERTEXT,
    EncapsulationAlgorithm: oneOf(EncapsulationAlgorithmSpec),
    GrantTokens: GRANT_TOKENS,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidKeyUsageException,
    InvalidCiphertextException,
    InvalidGrantTokenException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'cryptographic'),
  demands: (target, input, call) => [keyDemand('kms:Decapsulate', target, call, input)],
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId', 'EncapsulationAlgorithm', 'DryRun'], showOutput: [] },
  used: usesKey('Decapsulate'),
  handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'ENCAPSULATE_DECAPSULATE', 'Decapsulate')
    const algorithm = requireAlgorithm(key, 'ENCAPSULATE_DECAPSULATE', input.EncapsulationAlgorithm)
    const opened = after(currentKeyPair(key, call), ({ privateKey }) =>
      isKeyPairSpec(key.spec)
        ? decapsulate(key.spec, privateKey, input.SharedSecretCiphertextBlob)
        : undefined,
    )
    return after(opened, (secret) => {
      // Only its length can tell that a ciphertext is none: any other opens to some secret.
      if (secret === undefined) throw new InvalidCiphertextException()
      return { KeyId: key.arn, SharedSecret: secret, EncapsulationAlgorithm: algorithm }
    })
  },
}
