// Principal and NotPrincipal: who a resource policy speaks about.
// After: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
import { splitArn } from './arn.ts'
import type { Effect } from './conditions/condition.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { member, refuse } from './malformed-policy.ts'
import { readStrings } from './parse-listed.ts'
import type { NamedPrincipals, PrincipalName, PrincipalType } from './policy-document.ts'
import type { Grammar } from './policy-kinds.ts'

const TYPES: readonly PrincipalType[] = ['AWS', 'Service', 'Federated', 'CanonicalUser']
const ACCOUNT = /^[0-9]{12}$/
/** Users, roles and sessions of roles as they are stored: an id that dies with the user or role. */
const UNIQUE_ID = /^(?:AIDA[A-Z0-9]{12,124}|AROA[A-Z0-9]{12,124}(?::[\w+=,.@-]{2,64})?)$/
const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/

/** Reads the element, or answers undefined in policies that name no principal. */
export function parsePrincipals(
  statement: JsonObject,
  path: string,
  grammar: Grammar,
  effect: Effect,
): NamedPrincipals | undefined {
  const not = statement.has('NotPrincipal')
  const element = not ? 'NotPrincipal' : 'Principal'
  const inside = member(path, element)
  const value = statement.get(element)
  if (grammar.principal === 'forbidden') {
    if (value === undefined) return undefined
    return refuse('forbidden-element', inside, 'this policy names no principals')
  }
  if (value === undefined) {
    return refuse('missing-element', path, 'a statement needs Principal or NotPrincipal')
  }
  if (not && statement.has('Principal')) {
    refuse('conflicting-elements', inside, 'a statement has Principal or NotPrincipal, not both')
  }
  // AWS does not support it with Allow, where it would let in everybody else. [M]
  if (not && effect === 'Allow') {
    refuse('forbidden-element', inside, 'NotPrincipal stands with Deny only')
  }
  const names = readNames(value, inside)
  if (not && names.some(({ name }) => name === '*')) {
    refuse('invalid-principal', inside, 'NotPrincipal * would speak about nobody')
  }
  return { not, names }
}

function readNames(value: JsonValue, path: string): readonly PrincipalName[] {
  if (value === '*') return [{ type: 'AWS', name: '*' }]
  if (!(value instanceof Map)) {
    return refuse('invalid-principal', path, 'a principal is * or an object of principal types')
  }
  const names: PrincipalName[] = []
  for (const [type, listed] of value as JsonObject) {
    const inside = member(path, type)
    const known = TYPES.find((name) => name === type)
    if (known === undefined) refuse('invalid-principal', inside, 'there is no such principal type')
    for (const name of readStrings(listed, inside)) {
      if (!isPrincipal(known, name)) refuse('invalid-principal', inside, 'this names no principal')
      names.push({ type: known, name })
    }
  }
  if (names.length === 0) refuse('invalid-principal', path, 'at least one principal is needed')
  return names
}

/** Wildcards name a principal only as the whole `*`, and only under AWS. */
function isPrincipal(type: PrincipalType, name: string): boolean {
  if (type === 'AWS' && name === '*') return true
  if (name === '' || name.includes('*') || name.includes('?')) return false
  if (type === 'AWS') return ACCOUNT.test(name) || isUniqueId(name) || isPrincipalArn(name)
  return type !== 'Service' || SERVICE.test(name)
}

/** Whether the text is a user's or role's unique id, or one of a role's session: `AROA…:session`. */
export function isUniqueId(text: string): boolean {
  return UNIQUE_ID.test(text)
}

/** The account, a user or a role, or one session; never a group, a policy or a provider. */
export function isPrincipalArn(text: string): boolean {
  const parts = splitArn(text)
  if (parts === undefined) return false
  const [, partition, service, region, account, resource] = parts
  if (!/^aws[a-z-]*$/.test(partition) || region !== '' || !ACCOUNT.test(account)) return false
  if (service === 'iam') return resource === 'root' || /^(?:user|role)\/./.test(resource)
  return service === 'sts' && /^(?:assumed-role\/[^/]+|federated-user)\/[^/]+$/.test(resource)
}
