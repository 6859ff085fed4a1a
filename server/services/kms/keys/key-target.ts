// The key that a call is about: found by what the caller wrote, demanded, and named in the record.
import type { Call } from '../../../contract/call.ts'
import type { Demand, Resource } from '../../../contract/demand.ts'
import { type Awaitable, Missing } from '../../../contract/operation.ts'
import { NotFoundException } from '../errors.ts'
import type { KmsStores } from '../operation.ts'
import type { Key } from './key.ts'
import { type KeyReference, keyArn, readKeyReference } from './key-reference.ts'

/** The key that the caller named, or what to say where there is none. */
export function findKey(
  given: string,
  call: Call<KmsStores>,
  usage: 'cryptographic' | 'management',
): Awaitable<Key | Missing> {
  const reference = readKeyReference(given, call, usage)
  if (reference instanceof Missing) return reference
  // A key of another account is never reached: nothing can allow that yet.
  if (reference.account !== call.account) return missingKey(reference)
  const key = call.stores.keys.find(reference.id)
  if (key instanceof Promise) return key.then((found) => found ?? missingKey(reference))
  return key ?? missingKey(reference)
}

function missingKey(reference: KeyReference): Missing {
  const arn = keyArn(reference, reference.id)
  return new Missing(arn, reference.account, NotFoundException.key(arn))
}

/** What must be allowed to do `action` with the key. */
export function keyDemand(action: string, key: Key | Missing): Demand {
  if (key instanceof Missing) {
    return { action, resource: key.resource, owner: key.owner, delegated: true, denial: undefined }
  }
  return {
    action,
    resource: key.arn,
    owner: key.account,
    delegated: key.delegatesToAccount,
    denial: undefined,
  }
}

/** A key as audit records name it. */
export function keyResources(key: Key): readonly Resource[] {
  return [{ account: key.account, type: 'AWS::KMS::Key', arn: key.arn }]
}
