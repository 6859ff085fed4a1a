// The key that a call is about: found by what the caller wrote, demanded, and named in the record.
import type { Call, Scope } from '../../../contract/call.ts'
import { type Demand, identityDemand, type Resource } from '../../../contract/demand.ts'
import { type Awaitable, after, Missing } from '../../../contract/operation.ts'
import type { MatchedGrant } from '../../../policy/authorization-request.ts'
import type { CompiledPolicy } from '../../../policy/compiled-policy.ts'
import { NotFoundException } from '../errors.ts'
import { matchedGrants, requireGrantTokens } from '../grants/matching.ts'
import { isFirstUse, makeManagedKey } from '../managed-keys/first-use.ts'
import type { KeysAndAliases, KmsStores } from '../operation.ts'
import { asOf, type Key } from './key.ts'
import { type KeyRequest, keyConditions, NOTHING_ASKED } from './key-conditions.ts'
import { compiledKeyPolicy } from './key-policy.ts'
import {
  crossesAccounts,
  type KeyReference,
  type KeyUse,
  keyArn,
  missingAlias,
  readKeyReference,
} from './key-reference.ts'

/** The key that the caller named, or what to say where there is none. */
export function findKey(
  given: string,
  call: Call<KmsStores>,
  use: KeyUse,
): Awaitable<Key | Missing> {
  const reference = readKeyReference(given, call, use)
  if (reference instanceof Missing) return reference
  const { account } = reference
  const isOwn = account === call.account
  // Some uses are never another account's. Others are, where both sides allow them.
  if (!isOwn && !crossesAccounts(use)) return missingAt(reference)
  const found = isOwn
    ? findOwnKey(reference, call)
    : findKeyIn(call.stores.ofAccount(account), reference)
  if (found instanceof Promise) return found.then((key) => nowOf(key, call.nowMs))
  return nowOf(found, call.nowMs)
}

function nowOf(key: Key | Missing, nowMs: number): Key | Missing {
  return key instanceof Missing ? key : asOf(key, nowMs)
}

/** A key that AWS manages comes to be by its first use. */
function findOwnKey(reference: KeyReference, call: Call<KmsStores>): Awaitable<Key | Missing> {
  const { stores } = call
  return after(findKeyIn(stores, reference), (key) => {
    if (!(key instanceof Missing) || !('alias' in reference)) return key
    if (!isFirstUse(reference.alias, call)) return key
    return makeManagedKey(reference.alias, call).then(() => findKeyIn(stores, reference))
  })
}

function findKeyIn(stores: KeysAndAliases, reference: KeyReference): Awaitable<Key | Missing> {
  if ('alias' in reference) return findKeyOfAlias(stores, reference, reference.alias)
  const key = stores.keys.find(reference.id)
  if (key instanceof Promise) return key.then((found) => found ?? missingAt(reference))
  return key ?? missingAt(reference)
}

function findKeyOfAlias(
  { aliases, keys }: KeysAndAliases,
  scope: Scope,
  name: string,
): Awaitable<Key | Missing> {
  return after(aliases.find(name), (alias) => {
    if (alias === undefined) return missingAlias(scope, name)
    // A key that is gone took its aliases along, even where this cache has not heard of it yet.
    return after(keys.find(alias.keyId), (key) => key ?? missingAlias(scope, name))
  })
}

function missingAt(reference: KeyReference): Missing {
  return 'alias' in reference
    ? missingAlias(reference, reference.alias)
    : missingKey(reference, reference.id)
}

function missingKey(scope: Scope, id: string): Missing {
  const arn = keyArn(scope, id)
  return new Missing(arn, scope.account, NotFoundException.key(arn))
}

/**
 * What must be allowed to do `action` with the key: its policy decides, and leaves it to identity
 * policies where it delegates. Of a key that is missing only those who could use any key may hear.
 */
export function keyDemand(
  action: string,
  key: Key | Missing,
  call: Call<KmsStores>,
  request: KeyRequest = NOTHING_ASKED,
  denial?: string,
): Awaitable<Demand> {
  if (key instanceof Missing) {
    requireGrantTokens(action, request, call)
    return { ...missingDemand(action, key.resource, key.owner, request, call), denial }
  }
  const grants = matchedGrants(action, key, request, call)
  const policy = compiledKeyPolicy(key)
  if (!(grants instanceof Promise)) {
    return policyDemand(action, policy, key, call, request, denial, grants)
  }
  return grants.then((found) => policyDemand(action, policy, key, call, request, denial, found))
}

/** As `keyDemand`, under a policy that need not be the key's own, and with these grants only. */
export function policyDemand(
  action: string,
  policy: CompiledPolicy | undefined,
  key: Key,
  call: Call<KmsStores>,
  request: KeyRequest,
  denial?: string,
  grants: readonly MatchedGrant[] = NO_GRANTS,
): Demand {
  const demand: KeyDemand = {
    action,
    resource: key.arn,
    owner: key.account,
    conditions: conditionsOfDemand,
    denial,
    ifMissing: key.account === call.account ? undefined : demandIfMissing,
    authority: 'delegation',
    policy,
    grants,
    key,
    request,
    call,
  }
  return demand
}

/** Nobody has a part in what is not there, so that identity policies alone speak. */
function missingDemand(
  action: string,
  resource: string,
  owner: string,
  request: KeyRequest,
  call: Call,
): Demand {
  const conditions = () => keyConditions(action, undefined, request, call)
  return identityDemand(action, resource, owner, conditions)
}

/** Under the ARN that was asked for: where an alias leads is not for those who are denied to hear. */
function demandIfMissing(this: KeyDemand): Demand {
  const { action, key, request, call } = this
  const { KeyId: given } = request
  const asked = given?.includes(':alias/') ? given : key.arn
  return missingDemand(action, asked, key.account, request, call)
}

/** With what its condition keys are made of, so that no call pays for a function of its own. */
type KeyDemand = Demand & {
  readonly key: Key
  readonly request: KeyRequest
  readonly call: Call
}

function conditionsOfDemand(this: KeyDemand) {
  return keyConditions(this.action, this.key, this.request, this.call)
}

const NO_GRANTS: readonly never[] = []

/** A key as audit records name it. */
export function keyResources(key: Pick<Key, 'account' | 'arn'>): readonly Resource[] {
  return [{ account: key.account, type: 'AWS::KMS::Key', arn: key.arn }]
}

/** What CloudTrail shows in place of an answer that is empty: the ARN of the key. */
export function keyInRecord(resources: readonly Resource[]): {
  readonly keyId: string | undefined
} {
  return { keyId: resources.find(({ arn }) => arn.includes(':key/'))?.arn }
}
