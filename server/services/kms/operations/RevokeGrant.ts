// https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html
import { DryRunOperationException } from '../../../contract/errors.ts'
import { after, Missing } from '../../../contract/operation.ts'
import { InvalidArnException, InvalidGrantIdException, NotFoundException } from '../errors.ts'
import { type Grant, isGrantId } from '../grants/grant.ts'
import type { Key } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { GRANT_ID, KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type RevokeGrantRequest } from '../wire.ts'

/** The key, and the grant where there is such a one: only who may revoke hears that there is none. */
type Target = { readonly key: Key; readonly grant: Grant | undefined }

export const RevokeGrant: KmsChange<RevokeGrantRequest, object, Target, Grant> = {
  schema: kmsSchema('RevokeGrant'),
  limits: { KeyId: KEY_ID, GrantId: GRANT_ID },
  errors: [
    NotFoundException,
    InvalidArnException,
    InvalidGrantIdException,
    DryRunOperationException,
  ],
  target: (input, call) =>
    after(findKey(input.KeyId, call, 'shared-management'), async (key) =>
      key instanceof Missing
        ? key
        : { key, grant: await call.stores.grants.find(key, input.GrantId) },
    ),
  demands: (target, input, call) => [
    keyDemand('kms:RevokeGrant', target instanceof Missing ? target : target.key, call, input),
  ],
  usage: (_target, _input, call) => draw('RevokeGrant', call),
  resources: ({ key }) => keyResources(key),
  audit: { readOnly: false, show: ['KeyId', 'GrantId', 'DryRun'], showOutput: [] },
  prepare({ GrantId: id }, { grant }) {
    if (!isGrantId(id)) throw new InvalidGrantIdException()
    if (grant === undefined) throw NotFoundException.grant(id)
    return grant
  },
  async apply(grant, tx, call) {
    await call.stores.grants.delete(tx, grant)
    return {}
  },
}
