// https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
import type { Call } from '../../../contract/call.ts'
import { type Demand, identityDemand } from '../../../contract/demand.ts'
import { DryRunOperationException, ValidationException } from '../../../contract/errors.ts'
import { after, Missing } from '../../../contract/operation.ts'
import { length } from '../../../schema/limits.ts'
import {
  InvalidArnException,
  InvalidGrantIdException,
  InvalidGrantTokenException,
  NotFoundException,
} from '../errors.ts'
import { type Grant, isGrantId } from '../grants/grant.ts'
import { matchedForRetirement } from '../grants/matching.ts'
import type { Key } from '../keys/key.ts'
import { keyConditions, NOTHING_ASKED } from '../keys/key-conditions.ts'
import { keyArn } from '../keys/key-reference.ts'
import { findKey, keyResources } from '../keys/key-target.ts'
import { GRANT_ID, KEY_ID } from '../limits.ts'
import type { KmsChange, KmsStores } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type RetireGrantRequest } from '../wire.ts'

type Target = { readonly key: Key; readonly grant: Grant }

const ACTION = 'kms:RetireGrant'

export const RetireGrant: KmsChange<RetireGrantRequest, object, Target, Grant> = {
  schema: kmsSchema('RetireGrant'),
  limits: { GrantToken: length(1, 8192), KeyId: KEY_ID, GrantId: GRANT_ID },
  errors: [
    InvalidArnException,
    InvalidGrantTokenException,
    InvalidGrantIdException,
    NotFoundException,
    DryRunOperationException,
  ],
  target(input, call) {
    const { key: given, grantId } = referenceOf(input, call)
    return after(findKey(given, call, 'shared-management'), async (key) => {
      if (key instanceof Missing) return key
      const grant = await call.stores.grants.find(key, grantId)
      return grant === undefined
        ? new Missing(key.arn, key.account, NotFoundException.grant(grantId))
        : { key, grant }
    })
  },
  demands: (target, _input, call) => [
    target instanceof Missing
      ? missingRetirement(target.resource, target.owner, call)
      : retirement(target, call),
  ],
  usage: (_target, _input, call) => draw('RetireGrant', call),
  resources: ({ key }) => keyResources(key),
  audit: { readOnly: false, show: ['KeyId', 'GrantId', 'DryRun'], showOutput: [] },
  prepare: (_input, { grant }) => grant,
  async apply(grant, tx, call) {
    await call.stores.grants.delete(tx, grant)
    return {}
  },
}

/** The grant decides, or the account that issued it; the key policy is not asked. */
function retirement({ key, grant }: Target, call: Call): Demand {
  return {
    action: ACTION,
    resource: key.arn,
    owner: grant.issuer,
    conditions: () => keyConditions(ACTION, key, NOTHING_ASKED, call),
    denial: undefined,
    ifMissing:
      key.account === call.account
        ? undefined
        : () => missingRetirement(key.arn, key.account, call),
    authority: 'grant',
    grants: matchedForRetirement(grant, call),
  }
}

function missingRetirement(resource: string, owner: string, call: Call): Demand {
  const conditions = () => keyConditions(ACTION, undefined, NOTHING_ASKED, call)
  return identityDemand(ACTION, resource, owner, conditions)
}

/** A token says both which key and which grant; else the request does. */
function referenceOf(
  { GrantToken: token, KeyId: key, GrantId: grantId }: RetireGrantRequest,
  call: Call<KmsStores>,
): { readonly key: string; readonly grantId: string } {
  if (token !== undefined && key === undefined && grantId === undefined) {
    const named = call.stores.grantTokens.read(token)
    if (named === undefined || named.region !== call.region) throw new InvalidGrantTokenException()
    return { key: keyArn(named, named.keyId), grantId: named.grantId }
  }
  if (token !== undefined || key === undefined || grantId === undefined) {
    throw new ValidationException('Specify either a grant token, or both a key and a grant ID.')
  }
  if (!isGrantId(grantId)) throw new InvalidGrantIdException()
  return { key, grantId }
}
