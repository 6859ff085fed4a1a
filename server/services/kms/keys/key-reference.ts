// How callers name a key: key id, key ARN, alias name, alias ARN.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
import type { Scope } from '../../../contract/call.ts'
import type { AwsError } from '../../../contract/errors.ts'
import { Missing } from '../../../contract/operation.ts'
import { aliasArn, isAliasName } from '../aliases/alias.ts'
import { InvalidArnException, NotFoundException } from '../errors.ts'

/** Where the key is that was asked for: by its id, or by the name of an alias. */
export type KeyReference = Scope & ({ readonly id: string } | { readonly alias: string })

/**
 * What an operation does with the key. Cryptographic ones and those that describe a key take aliases,
 * and keys of other accounts; what an alias points at and what is managed are the account's own, but
 * for what is shared: grants, and whether a key rotates. Cryptographic operations and those on aliases
 * declare no InvalidArnException.
 */
export type KeyUse =
  | 'cryptographic'
  | 'description'
  | 'shared-management'
  | 'management'
  | 'alias-target'

/** Whether callers of other accounts can be allowed such a use at all. */
export function crossesAccounts(use: KeyUse): boolean {
  return use !== 'management' && use !== 'alias-target'
}

function takesAliases(use: KeyUse): boolean {
  return use === 'cryptographic' || use === 'description'
}

function declaresInvalidArn(use: KeyUse): boolean {
  return use !== 'cryptographic' && use !== 'alias-target'
}

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

/** Reads what the caller gave. */
export function readKeyReference(given: string, scope: Scope, use: KeyUse): KeyReference | Missing {
  const { region: ownRegion, account: ownAccount } = scope
  if (isKeyId(given)) return { region: ownRegion, account: ownAccount, id: given }
  if (!given.startsWith('arn:')) {
    if (given.startsWith('alias/')) {
      return takesAliases(use) ? readAlias(given, scope) : untaken(aliasArn(scope, given), scope)
    }
    return missing(keyArn(scope, given), ownAccount, NotFoundException.keyId(given))
  }
  const [, region, account, kind, id] = ARN.exec(given) ?? []
  if (region === undefined || account === undefined || id === undefined) {
    const error = declaresInvalidArn(use)
      ? new InvalidArnException(given)
      : NotFoundException.keyId(given)
    return missing(given, ownAccount, error)
  }
  if (region !== ownRegion) return missing(given, account, NotFoundException.region(region))
  if (kind === 'alias') {
    return takesAliases(use)
      ? readAlias(`alias/${id}`, { region, account })
      : untaken(given, { account })
  }
  if (!isKeyId(id)) return missing(given, account, NotFoundException.key(given))
  return { region, account, id }
}

/** An alias that leads nowhere, whether there is none or its name cannot be one. */
export function missingAlias(scope: Scope, name: string): Missing {
  const arn = aliasArn(scope, name)
  return missing(arn, scope.account, NotFoundException.alias(arn))
}

/** An alias where the operation takes none, whether or not it leads to a key. */
function untaken(arn: string, { account }: Pick<Scope, 'account'>): Missing {
  return missing(arn, account, InvalidArnException.alias(arn))
}

function readAlias(name: string, { region, account }: Scope): KeyReference | Missing {
  return isAliasName(name)
    ? { region, account, alias: name }
    : missingAlias({ region, account }, name)
}

function missing(resource: string, owner: string, error: AwsError): Missing {
  return new Missing(resource, owner, error)
}
