// How callers name a key: key id, key ARN, alias name, alias ARN.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
import type { Scope } from '../../../contract/call.ts'
import type { AwsError } from '../../../contract/errors.ts'
import { Missing } from '../../../contract/operation.ts'
import { InvalidArnException, NotFoundException } from '../errors.ts'

/** Where the key is that was asked for; `given` is what the caller wrote. */
export type KeyReference = Scope & { readonly id: string; readonly given: string }

// A UUID, or `mrk-` and 32 hexadecimal digits (a multi-Region key).
const KEY_ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/
const ARN = /^arn:aws:kms:([a-z0-9-]{1,32}):([0-9]{12}):(key|alias)\/(.+)$/

/** Whether `text` has the form of a key id. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text)
}

export function keyArn({ region, account }: Scope, id: string): string {
  return `arn:aws:kms:${region}:${account}:key/${id}`
}

/**
 * Reads what the caller gave. `usage` says how an ARN that is none is answered: cryptographic
 * operations declare no InvalidArnException.
 */
export function readKeyReference(
  given: string,
  scope: Scope,
  usage: 'cryptographic' | 'management',
): KeyReference | Missing {
  if (isKeyId(given)) return { region: scope.region, account: scope.account, id: given, given }
  if (!given.startsWith('arn:')) {
    const resource = keyArn(scope, given)
    if (given.startsWith('alias/')) {
      const alias = `arn:aws:kms:${scope.region}:${scope.account}:${given}`
      return missing(resource, scope.account, NotFoundException.alias(alias))
    }
    return missing(resource, scope.account, NotFoundException.keyId(given))
  }
  const [, region, account, kind, id] = ARN.exec(given) ?? []
  if (region === undefined || account === undefined || id === undefined) {
    const error =
      usage === 'management' ? new InvalidArnException(given) : NotFoundException.keyId(given)
    return missing(given, scope.account, error)
  }
  if (region !== scope.region) return missing(given, account, NotFoundException.region(region))
  if (kind === 'alias') return missing(given, account, NotFoundException.alias(given))
  if (!isKeyId(id)) return missing(given, account, NotFoundException.key(given))
  return { region, account, id, given }
}

function missing(resource: string, owner: string, error: AwsError): Missing {
  return new Missing(resource, owner, error)
}
