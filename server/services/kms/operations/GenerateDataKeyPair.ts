// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { oneOf } from '../../../schema/limits.ts'
import { attest, envelopeFor, recordedRecipient } from '../attestation/recipient.ts'
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
import { GRANT_TOKENS, KEY_ID, RECIPIENT } from '../limits.ts'
import { newDataKeyPair } from '../material/data-key-pair.ts'
import { requireContext } from '../material/symmetric.ts'
import type { KmsAttested } from '../operation.ts'
import { dataKeyPairQuota, draw } from '../request-quotas.ts'
import { usesKey } from '../usage/noted.ts'
import {
  DataKeyPairSpec,
  type GenerateDataKeyPairRequest,
  type GenerateDataKeyPairResponse,
  kmsSchema,
} from '../wire.ts'

export const GenerateDataKeyPair: KmsAttested<
  GenerateDataKeyPairRequest,
  GenerateDataKeyPairResponse,
  Key
> = {
  schema: kmsSchema('GenerateDataKeyPair'),
  limits: {
    KeyId: KEY_ID,
    KeyPairSpec: oneOf(DataKeyPairSpec),
    GrantTokens: GRANT_TOKENS,
    Recipient: RECIPIENT,
  },
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
    return input.Recipient === undefined
      ? findKey(input.KeyId, call, 'cryptographic')
      : attest(input.Recipient, call).then(() => findKey(input.KeyId, call, 'cryptographic'))
  },
  demands: (target, input, call) => [keyDemand('kms:GenerateDataKeyPair', target, call, input)],
  usage: (_target, input, call) => draw(dataKeyPairQuota(input.KeyPairSpec), call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'EncryptionContext', 'KeyPairSpec', 'DryRun'],
    showOutput: [],
  },
  additionalEventData: recordedRecipient,
  used: usesKey('GenerateDataKeyPair'),
  handle(input, key, call) {
    requireUsable(key)
    requireSymmetric(key, 'GenerateDataKeyPair')
    const { Recipient: recipient } = input
    if (recipient !== undefined) {
      return newDataKeyPair(key, input, call, (pkcs8) => ({
        CiphertextForRecipient: envelopeFor(recipient, pkcs8),
      }))
    }
    return newDataKeyPair(key, input, call, (pkcs8) => {
      // Memory of its own: what node's shared buffers held may come to light in others.
      const plaintext = Buffer.allocUnsafeSlow(pkcs8.length)
      pkcs8.copy(plaintext)
      return { PrivateKeyPlaintext: plaintext }
    })
  },
}
