// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
import { ValidationException } from '../../../contract/errors.ts'
import { isUniqueId } from '../../../policy/parse-principals.ts'
import {
  InvalidArnException,
  InvalidGrantIdException,
  InvalidMarkerException,
  NotFoundException,
} from '../errors.ts'
import { isGrantId } from '../grants/grant.ts'
import { grantPage } from '../grants/grant-list.ts'
import type { Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { findKeptId } from '../keys/principals.ts'
import { GRANT_ID, KEY_ID, MARKER, PAGE_LIMIT, PRINCIPAL, SERVICE_PRINCIPAL } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type ListGrantsRequest, type ListGrantsResponse } from '../wire.ts'

export const ListGrants: KmsReading<ListGrantsRequest, ListGrantsResponse, Key> = {
  schema: kmsSchema('ListGrants'),
  limits: {
    KeyId: KEY_ID,
    Limit: PAGE_LIMIT,
    Marker: MARKER,
    GrantId: GRANT_ID,
    GranteePrincipal: PRINCIPAL,
    GranteeServicePrincipal: SERVICE_PRINCIPAL,
  },
  errors: [NotFoundException, InvalidArnException, InvalidMarkerException, InvalidGrantIdException],
  target(input, call) {
    // Nobody is a service principal here.
    if (input.GranteeServicePrincipal !== undefined) {
      throw new ValidationException(
        'GranteeServicePrincipal is usable only by callers in a service principal.',
      )
    }
    return findKey(input.KeyId, call, 'shared-management')
  },
  demands: (target, input, call) => [keyDemand('kms:ListGrants', target, call, input)],
  usage: (_target, _input, call) => draw('ListGrants', call),
  resources: keyResources,
  audit: {
    readOnly: true,
    show: ['KeyId', 'Limit', 'Marker', 'GrantId', 'GranteePrincipal'],
    showOutput: [],
  },
  async handle(input, key, call) {
    const { GrantId: id, GranteePrincipal: principal } = input
    if (id !== undefined && !isGrantId(id)) throw new InvalidGrantIdException()
    const { grants, principals } = call.stores
    let grantee: string | undefined
    if (principal !== undefined) {
      // Who is gone can still be asked for, by the id that is left.
      grantee = await findKeptId(principal, principals)
      if (grantee === undefined && isUniqueId(principal)) grantee = principal
      if (grantee === undefined) throw InvalidArnException.principal(principal)
    }
    return grantPage(input, principals, (after, limit) =>
      grants.list(key, { id, grantee }, after, limit),
    )
  },
}
