// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html
import {
  isWrappable,
  WRAPPING_ALGORITHMS,
  type WrappingAlgorithm,
  type WrappingKeySpec,
} from '../../../crypto/algorithms.ts'
import { oneOf } from '../../../schema/limits.ts'
import {
  InvalidArnException,
  KMSInvalidStateException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireNotPendingDeletion, requireOrigin, requireSettled } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { KEY_ID } from '../limits.ts'
import { WRAPPING_KEY_SPECS } from '../material/import-token.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  AlgorithmSpec,
  type GetParametersForImportRequest,
  type GetParametersForImportResponse,
  kmsSchema,
  WrappingKeySpec as WrappingKeySpecs,
} from '../wire.ts'

export const GetParametersForImport: KmsReading<
  GetParametersForImportRequest,
  GetParametersForImportResponse,
  Key
> = {
  schema: kmsSchema('GetParametersForImport'),
  limits: {
    KeyId: KEY_ID,
    WrappingAlgorithm: oneOf(AlgorithmSpec),
    WrappingKeySpec: oneOf(WrappingKeySpecs),
  },
  errors: [
    NotFoundException,
    InvalidArnException,
    KMSInvalidStateException,
    UnsupportedOperationException,
  ],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:GetParametersForImport', target, call, input)],
  usage: (_target, _input, call) => draw('GetParametersForImport', call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'WrappingAlgorithm', 'WrappingKeySpec'],
    showOutput: [],
  },
  async handle(input, key, call) {
    requireOrigin(key, 'EXTERNAL')
    requireSettled(key)
    requireNotPendingDeletion(key)
    const { WrappingAlgorithm: algorithm, WrappingKeySpec: wrappingKey } = input
    // AWS retired PKCS #1 v1.5 in October 2023; SM2 is for Regions in China alone.
    if (!isOffered(algorithm)) throw UnsupportedOperationException.notHere(algorithm)
    if (!isOfferedKey(wrappingKey)) throw UnsupportedOperationException.notHere(wrappingKey)
    if (!isWrappable(key.spec, algorithm, wrappingKey)) {
      throw UnsupportedOperationException.wrapping(algorithm, wrappingKey, key.spec)
    }
    const { importTokens } = call.stores
    const made = await importTokens.make(key, algorithm, wrappingKey, call.nowMs)
    return {
      KeyId: key.arn,
      ImportToken: made.token,
      PublicKey: made.publicKey,
      ParametersValidTo: new Date(made.validToMs),
    }
  },
}

function isOffered(algorithm: string): algorithm is WrappingAlgorithm {
  return Object.hasOwn(WRAPPING_ALGORITHMS, algorithm)
}

function isOfferedKey(spec: string): spec is WrappingKeySpec {
  return (WRAPPING_KEY_SPECS as readonly string[]).includes(spec)
}
