// Principals as key policies and grants keep them: users and roles by unique id, so that one made anew
// under an old name inherits nothing; accounts and sessions by what they are called.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
import type { Identities } from '../../../contract/ports.ts'

export type Principals = Pick<Identities, 'findPrincipalId' | 'findPrincipalArn'>

const ACCOUNT = /^\d{12}$/
const ROOT_USER = /^arn:aws:iam::(\d{12}):root$/
const USER_OR_ROLE = /^arn:aws:iam::\d{12}:(?:user|role)\/./
const UNIQUE_ID = /^(?:AIDA|AROA)[A-Z0-9]{12,124}$/
const SESSION = /^arn:aws:sts::(\d{12}):(?:assumed-role\/[^/]+|federated-user)\/[^/]+$/

/** Whether the text is a user's or a role's unique id. */
export function isUniqueId(text: string): boolean {
  return UNIQUE_ID.test(text)
}

/**
 * The id under which a principal of that name is kept: the unique id of a user or role, the number of
 * an account, a session's ARN. Nothing where there is no such principal.
 */
export async function findKeptId(
  name: string,
  principals: Principals,
): Promise<string | undefined> {
  const account = ACCOUNT.test(name) ? name : ROOT_USER.exec(name)?.[1]
  if (account !== undefined) return principals.findPrincipalId(rootArn(account))
  if (USER_OR_ROLE.test(name)) return principals.findPrincipalId(name)
  if (isUniqueId(name)) {
    return (await principals.findPrincipalArn(name)) === undefined ? undefined : name
  }
  const sessionAccount = SESSION.exec(name)?.[1]
  if (sessionAccount === undefined) return undefined
  const hasAccount = await principals.findPrincipalId(rootArn(sessionAccount))
  return hasAccount === undefined ? undefined : name
}

/** What a principal that is kept so is called now; one that is gone has nothing but its id. */
export async function shownPrincipal(id: string, principals: Principals): Promise<string> {
  if (ACCOUNT.test(id)) return rootArn(id)
  return isUniqueId(id) ? ((await principals.findPrincipalArn(id)) ?? id) : id
}

function rootArn(account: string): string {
  return `arn:aws:iam::${account}:root`
}
