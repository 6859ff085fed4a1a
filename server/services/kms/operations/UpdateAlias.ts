// https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
import { after, Missing } from '../../../contract/operation.ts'
import {
  type Alias,
  requireAliasPrefix,
  requireSameType,
  requireUnreserved,
} from '../aliases/alias.ts'
import {
  aliasDemand,
  aliasResource,
  findAlias,
  findTargetKey,
  requireAliasQuota,
} from '../aliases/alias-target.ts'
import {
  KMSInvalidStateException,
  LimitExceededException,
  NotAuthorizedException,
  NotFoundException,
} from '../errors.ts'
import { type Key, requireNotPendingDeletion } from '../keys/key.ts'
import { keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { ALIAS_NAME, KEY_ID } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type UpdateAliasRequest } from '../wire.ts'

/** The alias, the key that it stands for, and the key that it shall stand for. */
type Target = { readonly alias: Alias; readonly from: Key; readonly to: Key }

const ACTION = 'kms:UpdateAlias'

export const UpdateAlias: KmsChange<UpdateAliasRequest, object, Target, Target> = {
  schema: kmsSchema('UpdateAlias'),
  limits: { AliasName: ALIAS_NAME, TargetKeyId: KEY_ID },
  errors: [
    NotFoundException,
    LimitExceededException,
    KMSInvalidStateException,
    NotAuthorizedException,
  ],
  target(input, call) {
    requireAliasPrefix(input.AliasName)
    requireUnreserved(input.AliasName)
    return after(findTargetKey(input.TargetKeyId, call), (to) =>
      after(findAlias(input.AliasName, call), (found) => {
        if (found instanceof Missing) return found
        return to instanceof Missing ? to : { alias: found.alias, from: found.key, to }
      }),
    )
  },
  demands(target, input, call) {
    const alias = aliasDemand(ACTION, input.AliasName, call)
    if (!(target instanceof Missing)) {
      return [alias, keyDemand(ACTION, target.from, call), keyDemand(ACTION, target.to, call)]
    }
    // Where the alias is missing, its own permission is what lets the caller hear of it.
    return target.resource === alias.resource ? [alias] : [alias, keyDemand(ACTION, target, call)]
  },
  usage: (_target, _input, call) => draw('UpdateAlias', call),
  resources: ({ alias, to }) => [aliasResource(alias), ...keyResources(to)],
  audit: { readOnly: false, show: ['AliasName', 'TargetKeyId'], showOutput: keyInRecord },
  prepare(_input, target) {
    requireNotPendingDeletion(target.to)
    requireSameType(target.from, target.to)
    return target
  },
  async apply({ alias, from, to }, tx, call) {
    const { keys, aliases } = call.stores
    // In one order everywhere, so that no two calls wait for each other.
    for (const key of from.id < to.id ? [from, to] : [to, from]) await keys.touch(tx, key)
    await aliases.move(tx, alias, to.id, call.nowMs)
    if (from.id !== to.id) await requireAliasQuota(tx, to, call)
    return {}
  },
}
