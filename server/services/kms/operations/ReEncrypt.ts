// https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
import { DryRunOperationException } from '../../../contract/errors.ts'
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
import { CIPHERTEXT, DRY_RUN_MODIFIERS, GRANT_TOKENS, KEY_ID } from '../limits.ts'
import { readBlob } from '../material/ciphertext-blob.ts'
import {
  type Ciphertext,
  decryptUnder,
  encryptUnder,
  requireFittingContext,
} from '../material/encryption.ts'
import { requireContext } from '../material/symmetric.ts'
import { zeroedAfter } from '../material/zeroed.ts'
import type { KmsUse } from '../operation.ts'
import { cryptographicQuota, draw } from '../request-quotas.ts'
import { requireMember } from '../required-member.ts'
import { noteUse } from '../usage/noted.ts'
import {
  EncryptionAlgorithmSpec,
  kmsSchema,
  type ReEncryptRequest,
  type ReEncryptResponse,
} from '../wire.ts'
import { findKeyOfBlob, ignoresCiphertext, UNREACHABLE } from './Decrypt.ts'

type Target = {
  readonly source: Key
  readonly destination: Key
  /** Nothing where a dry run asks about the keys alone. */
  readonly ciphertext: Ciphertext | undefined
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

export const ReEncrypt: KmsUse<ReEncryptRequest, ReEncryptResponse, Target> = {
  schema: kmsSchema('ReEncrypt'),
  limits: {
    CiphertextBlob: CIPHERTEXT,
    SourceKeyId: KEY_ID,
    DestinationKeyId: KEY_ID,
    SourceEncryptionAlgorithm: oneOf(EncryptionAlgorithmSpec),
    DestinationEncryptionAlgorithm: oneOf(EncryptionAlgorithmSpec),
    GrantTokens: GRANT_TOKENS,
    DryRunModifiers: DRY_RUN_MODIFIERS,
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
    requireContext(input.SourceEncryptionContext)
    requireContext(input.DestinationEncryptionContext)
    const ciphertext = ignoresCiphertext(input)
      ? undefined
      : readCiphertext(requireMember(input.CiphertextBlob, 'ciphertextBlob'))
    const found =
      input.SourceKeyId === undefined && ciphertext !== undefined
        ? findKeyOfBlob(ciphertext.blob, call)
        : findKey(requireMember(input.SourceKeyId, 'sourceKeyId'), call, 'cryptographic')
    return after(found, (source) =>
      after(findKey(input.DestinationKeyId, call, 'cryptographic'), (destination) => {
        if (source instanceof Missing) return new MissingKeys(source, source, destination)
        if (destination instanceof Missing) return new MissingKeys(destination, source, destination)
        return { source, destination, ciphertext }
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
      'DryRunModifiers',
    ],
    showOutput: [],
  },
  used({ source, destination }, call, eventIdOf) {
    noteUse(source, 'ReEncrypt', call, eventIdOf)
    noteUse(destination, 'ReEncrypt', call, eventIdOf)
  },
  handle(input, { source, destination, ciphertext }, call) {
    requireUsable(source)
    requireUsable(destination)
    const from = algorithmOf(source, input.SourceEncryptionAlgorithm)
    const to = algorithmOf(destination, input.DestinationEncryptionAlgorithm)
    if (ciphertext === undefined) {
      requireFittingContext(from, input.SourceEncryptionContext)
      requireFittingContext(to, input.DestinationEncryptionContext)
      throw new DryRunOperationException()
    }
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

function readCiphertext(bytes: Uint8Array): Ciphertext {
  return { bytes, blob: readBlob(bytes) }
}

function arnOf(key: Key | Missing): string {
  return key instanceof Missing ? key.resource : key.arn
}

function algorithmOf(key: Key, asked: string | undefined) {
  requireUsage(key, 'ENCRYPT_DECRYPT', 'ReEncrypt')
  return requireAlgorithm(key, 'ENCRYPT_DECRYPT', asked ?? 'SYMMETRIC_DEFAULT')
}
