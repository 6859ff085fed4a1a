// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html
import { InvalidArnException, InvalidMarkerException, NotFoundException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { DEFAULT_POLICY_NAME, KEY_ID, MARKER, PAGE_LIMIT } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type ListKeyPoliciesRequest, type ListKeyPoliciesResponse } from '../wire.ts'

export const ListKeyPolicies: KmsReading<ListKeyPoliciesRequest, ListKeyPoliciesResponse, Key> = {
  schema: kmsSchema('ListKeyPolicies'),
  limits: { KeyId: KEY_ID, Limit: PAGE_LIMIT, Marker: MARKER },
  errors: [NotFoundException, InvalidArnException, InvalidMarkerException],
  target: (input, call) => findKey(input.KeyId, call, 'management'),
  demands: (target, input, call) => [keyDemand('kms:ListKeyPolicies', target, call, input)],
  usage: (_target, _input, call) => draw('ListKeyPolicies', call),
  resources: keyResources,
  audit: { readOnly: true, show: ['KeyId', 'Limit', 'Marker'], showOutput: [] },
  handle(input) {
    // A key has one policy, so there never was a marker.
    if (input.Marker !== undefined) throw new InvalidMarkerException()
    return { PolicyNames: [DEFAULT_POLICY_NAME], Truncated: false }
  },
}
