// https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { isSignatureOf } from '../../../crypto/signature.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidSignatureException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireAlgorithm, requireUsable, requireUsage } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID, MESSAGE, SIGNATURE } from '../limits.ts'
import { currentKeyPair } from '../material/key-pair.ts'
import { requireMessage } from '../material/signing.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  kmsSchema,
  MessageType,
  SigningAlgorithmSpec,
  type VerifyRequest,
  type VerifyResponse,
} from '../wire.ts'

export const Verify: KmsUse<VerifyRequest, VerifyResponse, Key> = {
  schema: kmsSchema('Verify'),
  limits: {
    KeyId: KEY_ID,
    Message: MESSAGE,
    MessageType: oneOf(MessageType),
    Signature: SIGNATURE,
    SigningAlgorithm: oneOf(SigningAlgorithmSpec),
    GrantTokens: GRANT_TOKENS,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidKeyUsageException,
    InvalidGrantTokenException,
    KMSInvalidSignatureException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'cryptographic'),
  demands: (target, input, call) => [keyDemand('kms:Verify', target, call, input)],
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'MessageType', 'SigningAlgorithm', 'DryRun'],
    showOutput: [],
  },
  used: usesKey('Verify'),
  async handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'SIGN_VERIFY', 'Verify')
    const algorithm = requireAlgorithm(key, 'SIGN_VERIFY', input.SigningAlgorithm)
    const type = input.MessageType ?? 'RAW'
    const { Message: message, Signature: signature } = input
    requireMessage(algorithm, type, message)
    const { publicKey } = await currentKeyPair(key, call)
    if (!(await isSignatureOf(publicKey, algorithm, type, message, signature))) {
      throw new KMSInvalidSignatureException()
    }
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: algorithm }
  },
}
