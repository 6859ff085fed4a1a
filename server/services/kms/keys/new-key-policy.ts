// A key policy that somebody sends, checked before it is kept; and one that is kept, as it is shown.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
import type { Call } from '../../../contract/call.ts'
import { decide } from '../../../contract/decision.ts'
import type { CompiledPolicy } from '../../../policy/compiled-policy.ts'
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import { isUniqueId } from '../../../policy/parse-principals.ts'
import { parsePolicy } from '../../../policy/parser.ts'
import type { PolicyDocument, PrincipalName } from '../../../policy/policy-document.ts'
import { principalsNamed } from '../../../policy/policy-names.ts'
import { LimitExceededException, MalformedPolicyDocumentException } from '../errors.ts'
import type { KmsStores } from '../operation.ts'
import type { Key } from './key.ts'
import { compileKeyPolicy, type KeyPolicy } from './key-policy.ts'
import { policyDemand } from './key-target.ts'
import { findKeptId, type Principals, shownPrincipal } from './principals.ts'

type Sent = {
  readonly Policy?: string | undefined
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined
}

/** The document of a request, checked for the key that it is meant for. */
export async function readNewKeyPolicy(
  text: string,
  key: Key,
  request: Sent,
  call: Call<KmsStores>,
): Promise<KeyPolicy> {
  const document = readDocument(text)
  const policyPrincipals = new Map<string, string>()
  for (const principal of principalsNamed(document)) {
    const id = await findId(principal, call.stores.principals)
    if (id === undefined) throw MalformedPolicyDocumentException.principals()
    if (isUniqueId(id)) policyPrincipals.set(principal.name, id)
  }
  if (request.BypassPolicyLockoutSafetyCheck !== true) {
    requireAdministrable(compileKeyPolicy(document, policyPrincipals, key.arn), key, request, call)
  }
  return { policy: text, policyPrincipals }
}

function readDocument(text: string): PolicyDocument {
  try {
    return parsePolicy(text, 'key')
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error
    if (error.reason === 'too-large') throw LimitExceededException.policySize()
    throw MalformedPolicyDocumentException.of(error)
  }
}

/** The id that stands for the principal; of what has no other id its name. */
async function findId(
  { type, name }: PrincipalName,
  principals: Principals,
): Promise<string | undefined> {
  if (type !== 'AWS' || name === '*') return name
  return findKeptId(name, principals)
}

/** Throws where the caller could not put another policy in the place of this one. */
function requireAdministrable(
  policy: CompiledPolicy,
  key: Key,
  request: Sent,
  call: Call<KmsStores>,
): void {
  const demand = policyDemand('kms:PutKeyPolicy', policy, key, call, request)
  if (!decide(demand, call).allowed) throw MalformedPolicyDocumentException.lockout()
}

/**
 * The document as it was sent; where a user or role is called otherwise by now, or is gone, with its
 * ARN or its id in the place of the old name.
 */
export async function shownKeyPolicy(key: Key, principals: Principals): Promise<string> {
  const renamed = new Map<string, string>()
  for (const [name, id] of key.policyPrincipals) {
    const shown = await shownPrincipal(id, principals)
    if (shown !== name) renamed.set(name, shown)
  }
  if (renamed.size === 0) return key.policy
  // It was read strictly before it was kept, so nothing stands in it twice.
  const document = JSON.parse(key.policy) as { Statement: Statement | Statement[] }
  for (const statement of listOf(document.Statement)) {
    for (const element of ['Principal', 'NotPrincipal'] as const) {
      const named = statement[element]
      if (typeof named === 'object' && named.AWS !== undefined) {
        named.AWS = rename(named.AWS, renamed)
      }
    }
  }
  return JSON.stringify(document, null, 2)
}

type Named = string | { AWS?: string | string[] }
type Statement = { Principal?: Named; NotPrincipal?: Named }

function rename(names: string | string[], renamed: ReadonlyMap<string, string>) {
  if (typeof names === 'string') return renamed.get(names) ?? names
  return names.map((name) => renamed.get(name) ?? name)
}

function listOf<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value]
}
