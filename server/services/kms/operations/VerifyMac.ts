// https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { isMacOf } from '../../../crypto/mac.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidMacException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireAlgorithm, requireUsable, requireUsage } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID, MESSAGE, SIGNATURE } from '../limits.ts'
import { currentSecret } from '../material/symmetric.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  kmsSchema,
  MacAlgorithmSpec,
  type VerifyMacRequest,
  type VerifyMacResponse,
} from '../wire.ts'

export const VerifyMac: KmsUse<VerifyMacRequest, VerifyMacResponse, Key> = {
  schema: kmsSchema('VerifyMac'),
  limits: {
    Message: MESSAGE,
    KeyId: KEY_ID,
    MacAlgorithm: oneOf(MacAlgorithmSpec),
    Mac: SIGNATURE,
    GrantTokens: GRANT_TOKENS,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidKeyUsageException,
    InvalidGrantTokenException,
    KMSInvalidMacException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'cryptographic'),
  demands: (target, input, call) => [keyDemand('kms:VerifyMac', target, call, input)],
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId', 'MacAlgorithm', 'DryRun'], showOutput: [] },
  used: usesKey('VerifyMac'),
  handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'GENERATE_VERIFY_MAC', 'VerifyMac')
    const algorithm = requireAlgorithm(key, 'GENERATE_VERIFY_MAC', input.MacAlgorithm)
    return after(currentSecret(key, call), (material) => {
      if (!isMacOf(material.key, algorithm, input.Message, input.Mac)) {
        throw new KMSInvalidMacException()
      }
      return { KeyId: key.arn, MacValid: true, MacAlgorithm: algorithm }
    })
  },
}
