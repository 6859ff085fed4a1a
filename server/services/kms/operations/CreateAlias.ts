// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
import { after, Missing } from '../../../contract/operation.ts'
import { type Alias, aliasArn, requireNewAliasName } from '../aliases/alias.ts'
import {
  aliasDemand,
  aliasResource,
  findTargetKey,
  requireAliasQuota,
} from '../aliases/alias-target.ts'
import {
  AlreadyExistsException,
  InvalidAliasNameException,
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
import { type CreateAliasRequest, kmsSchema } from '../wire.ts'

/** The alias as it will be, and its key. */
type Target = { readonly alias: Alias; readonly key: Key }

export const CreateAlias: KmsChange<CreateAliasRequest, object, Target, Target> = {
  schema: kmsSchema('CreateAlias'),
  limits: { AliasName: ALIAS_NAME, TargetKeyId: KEY_ID },
  errors: [
    AlreadyExistsException,
    NotFoundException,
    InvalidAliasNameException,
    LimitExceededException,
    KMSInvalidStateException,
    NotAuthorizedException,
  ],
  target(input, call) {
    const { AliasName: name } = input
    requireNewAliasName(name)
    return after(findTargetKey(input.TargetKeyId, call), (key) => {
      if (key instanceof Missing) return key
      const { account, region, nowMs } = call
      const alias = {
        account,
        region,
        name,
        arn: aliasArn(call, name),
        version: 1,
        keyId: key.id,
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      }
      return { alias, key }
    })
  },
  demands: (target, input, call) => [
    aliasDemand('kms:CreateAlias', input.AliasName, call),
    keyDemand('kms:CreateAlias', target instanceof Missing ? target : target.key, call),
  ],
  usage: (_target, _input, call) => draw('CreateAlias', call),
  resources: ({ alias, key }) => [...keyResources(key), aliasResource(alias)],
  audit: { readOnly: false, show: ['AliasName', 'TargetKeyId'], showOutput: keyInRecord },
  prepare(_input, target) {
    requireNotPendingDeletion(target.key)
    return target
  },
  async apply({ alias, key }, tx, call) {
    await call.stores.keys.touch(tx, key)
    const isNew = await call.stores.aliases.insert(tx, alias)
    if (!isNew) throw AlreadyExistsException.alias(alias.arn)
    await requireAliasQuota(tx, key, call)
    return {}
  },
}
