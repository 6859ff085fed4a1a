// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { signMessage } from '../../../crypto/signature.ts'
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
import { currentKeyPair } from '../material/key-pair.ts'
import { requireMessage } from '../material/signing.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  kmsSchema,
  MessageType,
  SigningAlgorithmSpec,
  type SignRequest,
  type SignResponse,
} from '../wire.ts'

export const Sign: KmsUse<SignRequest, SignResponse, Key> = {
  schema: kmsSchema('Sign'),
  limits: {
    KeyId: KEY_ID,
    Message: MESSAGE,
    MessageType: oneOf(MessageType),
    GrantTokens: GRANT_TOKENS,
    SigningAlgorithm: oneOf(SigningAlgorithmSpec),
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
  demands: (target, input, call) => [keyDemand('kms:Sign', target, call, input)],
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'MessageType', 'SigningAlgorithm', 'DryRun'],
    showOutput: [],
  },
  used: usesKey('Sign'),
  handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'SIGN_VERIFY', 'Sign')
    const algorithm = requireAlgorithm(key, 'SIGN_VERIFY', input.SigningAlgorithm)
    const type = input.MessageType ?? 'RAW'
    requireMessage(algorithm, type, input.Message)
    const signed = after(currentKeyPair(key, call), ({ privateKey }) =>
      signMessage(privateKey, algorithm, type, input.Message),
    )
    return after(signed, (signature) => ({
      KeyId: key.arn,
      Signature: signature,
      SigningAlgorithm: algorithm,
    }))
  },
}
