// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
import { after } from '../../../contract/operation.ts'
import { isKeyPairSpec } from '../../../crypto/algorithms.ts'
import {
  DisabledException,
  InvalidArnException,
  InvalidGrantTokenException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, keyCapabilities, requireUsable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID } from '../limits.ts'
import { currentKeyPair } from '../material/key-pair.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type GetPublicKeyRequest, type GetPublicKeyResponse, kmsSchema } from '../wire.ts'

export const GetPublicKey: KmsReading<GetPublicKeyRequest, GetPublicKeyResponse, Key> = {
  schema: kmsSchema('GetPublicKey'),
  limits: { KeyId: KEY_ID, GrantTokens: GRANT_TOKENS },
  errors: [
    NotFoundException,
    InvalidArnException,
    DisabledException,
    InvalidGrantTokenException,
    KMSInvalidStateException,
    UnsupportedOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'description'),
  demands: (target, input, call) => [keyDemand('kms:GetPublicKey', target, call, input)],
  usage: (_target, _input, call) => draw('GetPublicKey', call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId'], showOutput: [] },
  handle(_input, key, call) {
    requireUsable(key)
    if (!isKeyPairSpec(key.spec)) {
      throw UnsupportedOperationException.noPublicKey(key.arn, key.spec)
    }
    return after(currentKeyPair(key, call), (pair) => ({
      KeyId: key.arn,
      PublicKey: pair.publicKeyBytes,
      ...keyCapabilities(key),
    }))
  },
}
