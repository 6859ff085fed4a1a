// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
import { InvalidArnException, NotFoundException } from '../errors.ts'
import { type Key, keyMetadata } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_TOKENS, KEY_ID } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type DescribeKeyRequest, type DescribeKeyResponse, kmsSchema } from '../wire.ts'

export const DescribeKey: KmsReading<DescribeKeyRequest, DescribeKeyResponse, Key> = {
  schema: kmsSchema('DescribeKey'),
  limits: { KeyId: KEY_ID, GrantTokens: GRANT_TOKENS },
  errors: [NotFoundException, InvalidArnException],
  target: (input, call) => findKey(input.KeyId, call, 'description'),
  demands: (target, input, call) => [keyDemand('kms:DescribeKey', target, call, input)],
  usage: (_target, _input, call) => draw('DescribeKey', call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId'], showOutput: [] },
  handle: (_input, key) => ({ KeyMetadata: keyMetadata(key) }),
}
