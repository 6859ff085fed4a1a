// The names a policy mentions: principals, which services store as unique ids, and context keys.
// After: IAM User Guide, "AWS JSON policy elements: Principal" (principals become unique ids when a
// policy is saved, so that a recreated user or role inherits nothing); iam GetContextKeysForPolicy.
import { foldName } from './context.ts'
import { refuse } from './malformed-policy.ts'
import { isPrincipalArn } from './parse-principals.ts'
import { readPattern, variablesOf } from './pattern.ts'
import type { NamedPrincipals, PolicyDocument, PrincipalName } from './policy-document.ts'

/** Every principal the policy names, once. */
export function principalsNamed(document: PolicyDocument): readonly PrincipalName[] {
  const names = document.statements.flatMap(({ principals }) => principals?.names ?? [])
  return [...new Map(names.map((name) => [`${name.type} ${name.name}`, name])).values()]
}

/**
 * The policy with its users and roles renamed: ARNs to unique ids where it is saved, ids to ARNs
 * where it is shown. `rename` answers undefined for a principal that does not exist, and the document
 * is refused. Accounts, services, providers and `*` are passed through it as well.
 */
export function mapPrincipals(
  document: PolicyDocument,
  rename: (principal: PrincipalName) => string | undefined,
): PolicyDocument {
  const statements = document.statements.map((statement, index) => {
    const { principals } = statement
    if (principals === undefined) return statement
    const path = `Statement[${index}].${principals.not ? 'NotPrincipal' : 'Principal'}`
    return { ...statement, principals: renamed(principals, path, rename) }
  })
  return { ...document, statements }
}

function renamed(
  principals: NamedPrincipals,
  path: string,
  rename: (principal: PrincipalName) => string | undefined,
): NamedPrincipals {
  const names = principals.names.map((principal) => ({
    type: principal.type,
    name: rename(principal) ?? refuse('invalid-principal', path, 'this principal does not exist'),
  }))
  return { not: principals.not, names }
}

/** Whether the name is a user's or role's ARN: what is stored as a unique id instead. */
export function isNamedByArn({ type, name }: PrincipalName): boolean {
  return type === 'AWS' && isPrincipalArn(name) && /:iam::[0-9]{12}:(?:user|role)\//.test(name)
}

/** Every context key the policy's conditions and variables mention, once, as first written. */
export function contextKeysNamed(document: PolicyDocument): readonly string[] {
  const keys = new Map<string, string>()
  const note = (key: string) => {
    const folded = foldName(key)
    if (!keys.has(folded)) keys.set(folded, key)
  }
  const noteVariables = (texts: readonly string[]) => {
    if (document.version !== '2012-10-17') return
    for (const text of texts) variablesOf(readPattern(text, true) ?? []).forEach(note)
  }
  for (const { conditions, resources } of document.statements) {
    for (const { key, values } of conditions) {
      note(key)
      noteVariables(values)
    }
    noteVariables(resources?.values ?? [])
  }
  return [...keys.values()]
}
