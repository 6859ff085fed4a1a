// https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
import { DryRunOperationException, ValidationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { isKeyPairSpec } from '../../../crypto/algorithms.ts'
import { sharedSecret } from '../../../crypto/key-agreement.ts'
import { type PublicKey, readPublicKey } from '../../../crypto/key-pair.ts'
import { length, oneOf } from '../../../schema/limits.ts'
import { attest, forRecipient, recordedRecipient } from '../attestation/recipient.ts'
import {
  DisabledException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireAlgorithm, requireUsable, requireUsage } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID, RECIPIENT } from '../limits.ts'
import { currentKeyPair } from '../material/key-pair.ts'
import type { KmsAttested } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  type DeriveSharedSecretRequest,
  type DeriveSharedSecretResponse,
  KeyAgreementAlgorithmSpec,
  kmsSchema,
} from '../wire.ts'

export const DeriveSharedSecret: KmsAttested<
  DeriveSharedSecretRequest,
  DeriveSharedSecretResponse,
  Key
> = {
  schema: kmsSchema('DeriveSharedSecret'),
  limits: {
    KeyId: KEY_ID,
    KeyAgreementAlgorithm: oneOf(KeyAgreementAlgorithmSpec),
    PublicKey: length(1, 8192),
    GrantTokens: GRANT_TOKENS,
    Recipient: RECIPIENT,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidKeyUsageException,
    InvalidGrantTokenException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target: (input, call) =>
    input.Recipient === undefined
      ? findKey(input.KeyId, call, 'cryptographic')
      : attest(input.Recipient, call).then(() => findKey(input.KeyId, call, 'cryptographic')),
  demands: (target, input, call) => [keyDemand('kms:DeriveSharedSecret', target, call, input)],
  usage: (target, _input, call) => draw(cryptographicQuota(target), call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'KeyAgreementAlgorithm', 'DryRun'],
    showOutput: [],
  },
  additionalEventData: recordedRecipient,
  used: usesKey('DeriveSharedSecret'),
  handle(input, key, call) {
    requireUsable(key)
    requireUsage(key, 'KEY_AGREEMENT', 'DeriveSharedSecret')
    const algorithm = requireAlgorithm(key, 'KEY_AGREEMENT', input.KeyAgreementAlgorithm)
    const theirs = requirePublicKey(key, input.PublicKey)
    const derived = after(currentKeyPair(key, call), ({ privateKey }) =>
      sharedSecret(privateKey, theirs),
    )
    return after(derived, (secret) => {
      const output = {
        KeyId: key.arn,
        SharedSecret: secret,
        KeyAgreementAlgorithm: algorithm,
        KeyOrigin: key.origin,
      }
      return forRecipient(input.Recipient, output, 'SharedSecret')
    })
  },
}

/** The other side's key; throws where it is none, or no point of the key's own curve. */
function requirePublicKey({ spec }: Key, spki: Uint8Array): PublicKey {
  const key = isKeyPairSpec(spec) ? readPublicKey(spec, spki) : undefined
  if (key !== undefined) return key
  throw new ValidationException(
    `PublicKey is not valid: pass a DER-encoded SubjectPublicKeyInfo of key spec ${spec}.`,
  )
}
