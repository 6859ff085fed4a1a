// Principals as key policies and grants keep them: users, roles and sessions of roles by unique id, so that
// one made anew under an old name inherits nothing; accounts and federated users by what they are called.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
import type { Identities } from '../../../contract/ports.ts'
import { isUniqueId } from '../../../policy/parse-principals.ts'

export type Principals = Pick<Identities, 'findPrincipalId' | 'findPrincipalArn'>

const ACCOUNT = /^\d{12}$/
const ROOT_USER = /^arn:aws:iam::(\d{12}):root$/
const USER_OR_ROLE = /^arn:aws:iam::\d{12}:(?:user|role)\/./
const ROLE_SESSION = /^arn:aws:sts::\d{12}:assumed-role\/[^:/]+\/[^/]+$/
/** Nobody can make these anew: federated users have no id, and sessions of AWS's own roles no role. */
const BY_NAME = /^arn:aws:sts::(\d{12}):(?:assumed-role\/aws:[^/]+|federated-user)\/[^/]+$/

/**
 * The id under which a principal of that name is kept: the unique id of a user, a role or a role's
 * session, the number of an account, a federated user's ARN. Nothing where there is no such principal.
 */
export async function findKeptId(
  name: string,
  principals: Principals,
): Promise<string | undefined> {
  const account = ACCOUNT.test(name) ? name : ROOT_USER.exec(name)?.[1]
  if (account !== undefined) return principals.findPrincipalId(rootArn(account))
  if (USER_OR_ROLE.test(name) || ROLE_SESSION.test(name)) return principals.findPrincipalId(name)
  if (isUniqueId(name)) {
    return (await principals.findPrincipalArn(name)) === undefined ? undefined : name
  }
  const ownAccount = BY_NAME.exec(name)?.[1]
  if (ownAccount === undefined) return undefined
  const hasAccount = await principals.findPrincipalId(rootArn(ownAccount))
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
