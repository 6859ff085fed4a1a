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
import { type Key, requireAlgorithm, requireUsable } from '../keys/key.ts'
import type { KeyRequest } from '../keys/key-conditions.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { CIPHERTEXT, GRANT_TOKENS, KEY_ID } from '../limits.ts'
import { type CiphertextBlob, openBlob, readBlob } from '../material/ciphertext-blob.ts'
import { requireContext, requireNoGrantTokens, seal } from '../material/symmetric.ts'
import { zeroedAfter } from '../material/zeroed.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
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
  /** The blob, if its bytes are one. */
  readonly blob: CiphertextBlob | undefined
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
    const blob = readBlob(input.CiphertextBlob)
    const found =
      input.SourceKeyId === undefined
        ? findKeyOfBlob(blob, call)
        : findKey(input.SourceKeyId, call, 'cryptographic')
    return after(found, (source) =>
      after(findKey(input.DestinationKeyId, call, 'cryptographic'), (destination) => {
        if (source instanceof Missing) return new MissingKeys(source, source, destination)
        if (destination instanceof Missing) return new MissingKeys(destination, source, destination)
        return { source, destination, blob }
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
  usage: (_target, _input, call) => draw('CryptographicOperationsSymmetric', call),
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
  handle(input, { source, destination, blob }, call) {
    requireNoGrantTokens(input.GrantTokens)
    requireUsable(source)
    requireUsable(destination)
    requireAlgorithm(source, input.SourceEncryptionAlgorithm)
    requireAlgorithm(destination, input.DestinationEncryptionAlgorithm)
    if (blob === undefined) throw new InvalidCiphertextException()
    if (blob.keyId !== source.id || blob.account !== source.account) {
      throw new IncorrectKeyException()
    }
    const sealed = after(call.stores.backingKeys.find(source, blob.materialId), (material) => {
      const plaintext = material && openBlob(material.key, blob, input.SourceEncryptionContext)
      if (plaintext === undefined) throw new InvalidCiphertextException()
      return zeroedAfter(plaintext, () =>
        seal(destination, input.DestinationEncryptionContext, plaintext, call),
      )
    })
    return after(sealed, (bytes) => ({
      CiphertextBlob: bytes,
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT' as const,
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT' as const,
      SourceKeyMaterialId: blob.materialId,
      DestinationKeyMaterialId: destination.materialId,
    }))
  },
}

function arnOf(key: Key | Missing): string {
  return key instanceof Missing ? key.resource : key.arn
}
