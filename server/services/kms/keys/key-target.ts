// The key that a call is about: found by what the caller wrote, demanded, and named in the record.
import type { Call, Scope } from '../../../contract/call.ts'
import { type Demand, identityDemand, type Resource } from '../../../contract/demand.ts'
import { type Awaitable, after, Missing } from '../../../contract/operation.ts'
import type { CompiledPolicy } from '../../../policy/compiled-policy.ts'
import { NotFoundException } from '../errors.ts'
import type { KmsStores } from '../operation.ts'
import type { Key } from './key.ts'
import { type KeyRequest, keyConditions, NOTHING_ASKED } from './key-conditions.ts'
import { compiledKeyPolicy } from './key-policy.ts'
import { type KeyUse, keyArn, missingAlias, readKeyReference } from './key-reference.ts'

/** The key that the caller named, or what to say where there is none. */
export function findKey(
  given: string,
  call: Call<KmsStores>,
  use: KeyUse,
): Awaitable<Key | Missing> {
  const reference = readKeyReference(given, call, use)
  if (reference instanceof Missing) return reference
  // A key of another account is never reached: nothing can allow that yet.
  const isOwn = reference.account === call.account
  if ('alias' in reference) {
    return isOwn ? findKeyOfAlias(reference.alias, call) : missingAlias(reference, reference.alias)
  }
  if (!isOwn) return missingKey(reference, reference.id)
  const key = call.stores.keys.find(reference.id)
  if (key instanceof Promise) return key.then((found) => found ?? missingKey(call, reference.id))
  return key ?? missingKey(call, reference.id)
}

function findKeyOfAlias(name: string, call: Call<KmsStores>): Awaitable<Key | Missing> {
  const { aliases, keys } = call.stores
  return after(aliases.find(name), (alias) => {
    if (alias === undefined) return missingAlias(call, name)
    // A key that is gone took its aliases along, even where this cache has not heard of it yet.
    return after(keys.find(alias.keyId), (key) => key ?? missingAlias(call, name))
  })
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
): Demand {
  if (key instanceof Missing) {
    const conditions = () => keyConditions(action, undefined, request, call)
    return { ...identityDemand(action, key.resource, key.owner, conditions), denial }
  }
  return policyDemand(action, compiledKeyPolicy(key), key, call, request, denial)
}

/** As `keyDemand`, under a policy that need not be the key's own. */
export function policyDemand(
  action: string,
  policy: CompiledPolicy | undefined,
  key: Key,
  call: Call<KmsStores>,
  request: KeyRequest,
  denial?: string,
): Demand {
  const demand: KeyDemand = {
    action,
    resource: key.arn,
    owner: key.account,
    conditions: conditionsOfDemand,
    denial,
    authority: 'delegation',
    policy,
    grants: NO_GRANTS,
    key,
    request,
    call,
  }
  return demand
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
export function keyResources(key: Key): readonly Resource[] {
  return [{ account: key.account, type: 'AWS::KMS::Key', arn: key.arn }]
}

/** What CloudTrail shows in place of an answer that is empty: the ARN of the key. */
export function keyInRecord(resources: readonly Resource[]): {
  readonly keyId: string | undefined
} {
  return { keyId: resources.find(({ arn }) => arn.includes(':key/'))?.arn }
}
