// Trust policies as they are kept: users, roles and sessions by their unique ids, so that whoever is made
// anew under an old name inherits nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
import type { Awaitable } from '../../../contract/operation.ts'
import type { Identities } from '../../../contract/ports.ts'
import { refuse } from '../../../policy/malformed-policy.ts'
import { isUniqueId } from '../../../policy/parse-principals.ts'
import { parsePolicy } from '../../../policy/parser.ts'
import { isNamedByArn, principalsNamed } from '../../../policy/policy-names.ts'

type Principals = Pick<Identities, 'findPrincipalId' | 'findPrincipalArn'>

const ROLE_SESSION = /^arn:aws:sts::[0-9]{12}:assumed-role\//
const ACCOUNT = /^[0-9]{12}$/
const ROOT = /^arn:aws:iam::([0-9]{12}):root$/

/** The document to keep; throws MalformedPolicyError where it is none, or names who does not exist. */
export async function storedTrustPolicy(text: string, principals: Principals): Promise<string> {
  const document = parsePolicy(text, 'trust')
  const names = new Map<string, string>()
  for (const principal of principalsNamed(document)) {
    const { type, name } = principal
    if (type !== 'AWS' || name === '*') continue
    const kept = await keptName(name, isNamedByArn(principal), principals)
    if (kept === undefined) {
      refuse('invalid-principal', '', `Invalid principal in policy: "AWS":"${name}"`)
    }
    names.set(name, kept)
  }
  return renamed(text, names)
}

/** The document as it is shown: those who are gone stay unique ids. */
export async function shownTrustPolicy(kept: string, principals: Principals): Promise<string> {
  const names = new Map<string, string>()
  for (const { type, name } of principalsNamed(parsePolicy(kept, 'trust'))) {
    if (type !== 'AWS' || !isUniqueId(name)) continue
    const arn = await principals.findPrincipalArn(name)
    if (arn !== undefined) names.set(name, arn)
  }
  return renamed(kept, names)
}

async function keptName(
  name: string,
  isUserOrRole: boolean,
  principals: Principals,
): Promise<string | undefined> {
  if (isUserOrRole || ROLE_SESSION.test(name)) return principals.findPrincipalId(name)
  if (isUniqueId(name)) return isThere(principals.findPrincipalArn(name), name)
  const account = ACCOUNT.test(name) ? name : ROOT.exec(name)?.[1]
  // A federated user has no id.
  if (account === undefined) return name
  const arn = `arn:aws:iam::${account}:root`
  return isThere(principals.findPrincipalId(arn), arn)
}

async function isThere(found: Awaitable<string | undefined>, name: string) {
  return (await found) === undefined ? undefined : name
}

/** The text with its principals renamed and its white space gone; lists stay lists, as AWS keeps them. */
function renamed(text: string, names: ReadonlyMap<string, string>): string {
  const document = JSON.parse(text) as { Statement: unknown }
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement]
  for (const statement of statements as Record<string, unknown>[]) {
    for (const element of ['Principal', 'NotPrincipal']) {
      const principal = statement[element]
      if (typeof principal !== 'object' || principal === null) continue
      const listed = (principal as { AWS?: string | string[] }).AWS
      if (listed === undefined) continue
      const rename = (name: string) => names.get(name) ?? name
      statement[element] = {
        ...principal,
        AWS: Array.isArray(listed) ? listed.map(rename) : rename(listed),
      }
    }
  }
  return JSON.stringify(document)
}
