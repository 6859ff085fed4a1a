// What alias operations act on: an alias and keys, each of which must be allowed.
// https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
import type { Call } from '../../../contract/call.ts'
import { type Demand, identityDemand, type Resource } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { type Awaitable, after, type Missing } from '../../../contract/operation.ts'
import type { Transaction } from '../../../storage/storage.ts'
import { LimitExceededException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import { missingAlias } from '../keys/key-reference.ts'
import { findKey } from '../keys/key-target.ts'
import { ALIASES_PER_KEY } from '../limits.ts'
import type { KmsStores } from '../operation.ts'
import { type Alias, aliasArn } from './alias.ts'

/** An alias and the key that it stands for. */
export type AliasedKey = { readonly alias: Alias; readonly key: Key }

/** The alias of this name with its key, or what to say where there is none. */
export function findAlias(name: string, call: Call<KmsStores>): Awaitable<AliasedKey | Missing> {
  const { aliases, keys } = call.stores
  return after(aliases.find(name), (alias) => {
    if (alias === undefined) return missingAlias(call, name)
    return after(keys.find(alias.keyId), (key) =>
      key === undefined ? missingAlias(call, name) : { alias, key },
    )
  })
}

/** The key that an alias shall stand for, by its id or ARN. */
export function findTargetKey(given: string, call: Call<KmsStores>): Awaitable<Key | Missing> {
  if (/^(arn:.*:)?alias\//.test(given)) {
    throw new ValidationException('Aliases must refer to keys. Not aliases')
  }
  // These operations declare no InvalidArnException.
  return findKey(given, call, 'alias-target')
}

/** What must be allowed to do `action` with the alias: it has no policy, so the account decides. */
export function aliasDemand(action: string, name: string, call: Call): Demand {
  const conditions = () => [['kms:CallerAccount', call.caller.account] as const]
  return identityDemand(action, aliasArn(call, name), call.account, conditions)
}

/** An alias as audit records name it: CloudTrail gives it the type of a key. */
export function aliasResource({ account, arn }: Pick<Alias, 'account' | 'arn'>): Resource {
  return { account, type: 'AWS::KMS::Key', arn }
}

/** Throws where the key, which is held, has come to more aliases than its quota. */
export async function requireAliasQuota(
  tx: Transaction,
  key: Key,
  call: Call<KmsStores>,
): Promise<void> {
  const count = await call.stores.aliases.count(tx, key.id)
  if (count > ALIASES_PER_KEY) throw LimitExceededException.aliases(ALIASES_PER_KEY, count - 1)
}
