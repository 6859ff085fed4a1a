// https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
import { Missing } from '../../../contract/operation.ts'
import { requireAliasPrefix, requireDeletable } from '../aliases/alias.ts'
import { type AliasedKey, aliasDemand, aliasResource, findAlias } from '../aliases/alias-target.ts'
import { KMSInvalidStateException, NotFoundException } from '../errors.ts'
import { keyDemand, keyInRecord, keyResources } from '../keys/key-target.ts'
import { ALIAS_NAME } from '../limits.ts'
import type { KmsChange } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { type DeleteAliasRequest, kmsSchema } from '../wire.ts'

export const DeleteAlias: KmsChange<DeleteAliasRequest, object, AliasedKey, AliasedKey> = {
  schema: kmsSchema('DeleteAlias'),
  limits: { AliasName: ALIAS_NAME },
  errors: [NotFoundException, KMSInvalidStateException],
  target(input, call) {
    requireAliasPrefix(input.AliasName)
    requireDeletable(input.AliasName)
    return findAlias(input.AliasName, call)
  },
  demands(target, input, call) {
    const alias = aliasDemand('kms:DeleteAlias', input.AliasName, call)
    return target instanceof Missing
      ? [alias]
      : [alias, keyDemand('kms:DeleteAlias', target.key, call)]
  },
  usage: (_target, _input, call) => draw('DeleteAlias', call),
  resources: ({ alias, key }) => [aliasResource(alias), ...keyResources(key)],
  audit: { readOnly: false, show: ['AliasName'], showOutput: keyInRecord },
  prepare: (_input, target) => target,
  async apply({ alias, key }, tx, call) {
    await call.stores.keys.touch(tx, key)
    await call.stores.aliases.delete(tx, alias)
    return {}
  },
}
