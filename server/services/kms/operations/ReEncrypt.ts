// https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
import { DryRunOperationException, ValidationException } from '../../../contract/errors.ts'
import { after, Missing } from '../../../contract/operation.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  DisabledException,
  IncorrectKeyException,
  InvalidCiphertextException,
  InvalidGrantTokenException,
  InvalidKeyUsageException,
  KMSInvalidStateException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireAlgorithm, requireUsable, requireUsage } from '../keys/key.ts'
import type { KeyRequest } from '../keys/key-conditions.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { CIPHERTEXT, GRANT_TOKENS, KEY_ID } from '../limits.ts'
import { readBlob } from '../material/ciphertext-blob.ts'
import { type Ciphertext, decryptUnder, encryptUnder } from '../material/encryption.ts'
import { requireContext, requireNoGrantTokens } from '../material/symmetric.ts'
import { zeroedAfter } from '../material/zeroed.ts'
import type { KmsReading } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import {
  EncryptionAlgorithmSpec,
  kmsSchema,
  type ReEncryptRequest,
  type ReEncryptResponse,
} from '../wire.ts'
import { findKeyOfBlob, NO_CIPHERTEXT, UNREACHABLE } from './Decrypt.ts'

type Target = {
  readonly source: Key
  readonly destination: Key
  readonly ciphertext: Ciphertext
}

/** One of the keys is not there, or both; each is authorized, then the source is told of first. */
class MissingKeys extends Missing {
  readonly source: Key | Missing
  readonly destination: Key | Missing
  constructor(missing: Missing, source: Key | Missing, destination: Key | Missing) {
    super(missing.resource, missing.owner, missing.error)
    this.source = source
    this.destination = destination
  }
}

export const ReEncrypt: KmsReading<ReEncryptRequest, ReEncryptResponse, Target> = {
  schema: kmsSchema('ReEncrypt'),
  limits: {
    CiphertextBlob: CIPHERTEXT,
    SourceKeyId: KEY_ID,
    DestinationKeyId: KEY_ID,
    SourceEncryptionAlgorithm: oneOf(EncryptionAlgorithmSpec),
    DestinationEncryptionAlgorithm: oneOf(EncryptionAlgorithmSpec),
    GrantTokens: GRANT_TOKENS,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidCiphertextException,
    IncorrectKeyException,
    InvalidKeyUsageException,
    InvalidGrantTokenException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target(input, call) {
    if (input.CiphertextBlob === undefined) throw new ValidationException(NO_CIPHERTEXT)
    if (input.DryRunModifiers !== undefined) {
      throw new ValidationException('DryRunModifiers is not supported by this server.')
    }
    requireContext(input.SourceEncryptionContext)
    requireContext(input.DestinationEncryptionContext)
    const bytes = input.CiphertextBlob
    const blob = readBlob(bytes)
    const found =
      input.SourceKeyId === undefined
        ? findKeyOfBlob(blob, call)
        : findKey(input.SourceKeyId, call, 'cryptographic')
    return after(found, (source) =>
      after(findKey(input.DestinationKeyId, call, 'cryptographic'), (destination) => {
        if (source instanceof Missing) return new MissingKeys(source, source, destination)
        if (destination instanceof Missing) return new MissingKeys(destination, source, destination)
        return { source, destination, ciphertext: { bytes, blob } }
      }),
    )
  },
  demands(target, input, call) {
    const { source, destination } = target as Target | MissingKeys
    const { GrantTokens } = input
    const isSameKey = arnOf(source) === arnOf(destination)
    const from: KeyRequest = {
      KeyId: input.SourceKeyId,
      EncryptionContext: input.SourceEncryptionContext,
      EncryptionAlgorithm: input.SourceEncryptionAlgorithm,
      GrantTokens,
      isSameKey,
    }
    const to: KeyRequest = {
      KeyId: input.DestinationKeyId,
      EncryptionContext: input.DestinationEncryptionContext,
      EncryptionAlgorithm: input.DestinationEncryptionAlgorithm,
      GrantTokens,
      isSameKey,
    }
    const denial = input.SourceKeyId === undefined ? UNREACHABLE : undefined
    return [
      keyDemand('kms:ReEncryptFrom', source, call, from, denial),
      keyDemand('kms:ReEncryptTo', destination, call, to),
    ]
  },
  usage(target, _input, call) {
    const { source, destination } = target as Target | MissingKeys
    const quotas = new Set([source, destination].map(cryptographicQuota))
    return [...quotas].flatMap((quota) => draw(quota, call))
  },
  resources: ({ source, destination }) => [
    ...keyResources(source),
    ...(destination.arn === source.arn ? [] : keyResources(destination)),
  ],
  audit: {
    readOnly: true,
    show: [
      'SourceKeyId',
      'SourceEncryptionContext',
      'SourceEncryptionAlgorithm',
      'DestinationKeyId',
      'DestinationEncryptionContext',
      'DestinationEncryptionAlgorithm',
      'DryRun',
    ],
    showOutput: [],
  },
  handle(input, { source, destination, ciphertext }, call) {
    requireNoGrantTokens(input.GrantTokens)
    requireUsable(source)
    requireUsable(destination)
    const from = algorithmOf(source, input.SourceEncryptionAlgorithm)
    const to = algorithmOf(destination, input.DestinationEncryptionAlgorithm)
    const decrypted = decryptUnder(source, from, ciphertext, input.SourceEncryptionContext, call)
    return after(decrypted, ({ plaintext, materialId }) => {
      const context = input.DestinationEncryptionContext
      const encrypted = zeroedAfter(plaintext, () =>
        encryptUnder(destination, to, context, plaintext, call),
      )
      return after(encrypted, (bytes) => ({
        CiphertextBlob: bytes,
        SourceKeyId: source.arn,
        KeyId: destination.arn,
        SourceEncryptionAlgorithm: from,
        DestinationEncryptionAlgorithm: to,
        ...(materialId !== undefined && { SourceKeyMaterialId: materialId }),
        ...(to === 'SYMMETRIC_DEFAULT' && { DestinationKeyMaterialId: destination.materialId }),
      }))
    })
  },
}

function arnOf(key: Key | Missing): string {
  return key instanceof Missing ? key.resource : key.arn
}

function algorithmOf(key: Key, asked: string | undefined) {
  requireUsage(key, 'ENCRYPT_DECRYPT', 'ReEncrypt')
  return requireAlgorithm(key, 'ENCRYPT_DECRYPT', asked ?? 'SYMMETRIC_DEFAULT')
}
