// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { macOf } from '../../../crypto/mac.ts'
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
import { GRANT_TOKENS, KEY_ID, MESSAGE } from '../limits.ts'
import { currentSecret } from '../material/symmetric.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  type GenerateMacRequest,
  type GenerateMacResponse,
  kmsSchema,
  MacAlgorithmSpec,
} from '../wire.ts'

export const GenerateMac: KmsUse<GenerateMacRequest, GenerateMacResponse, Key> = {
  schema: kmsSchema('GenerateMac'),
  limits: {
    Message: MESSAGE,
    KeyId: KEY_ID,
    MacAlgorithm: oneOf(MacAlgorithmSpec),
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
  demands: (target, input, call) => [keyDemand('kms:GenerateMac', target, call, input)],
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId', 'MacAlgorithm', 'DryRun'], showOutput: [] },
  used: usesKey('GenerateMac'),
  handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'GENERATE_VERIFY_MAC', 'GenerateMac')
    const algorithm = requireAlgorithm(key, 'GENERATE_VERIFY_MAC', input.MacAlgorithm)
    return after(currentSecret(key, call), (material) => ({
      Mac: macOf(material.key, algorithm, input.Message),
      MacAlgorithm: algorithm,
      KeyId: key.arn,
    }))
  },
}
