// Callers as IAM knows them: who they are to policies, and which condition keys follow.
import type { Caller } from '../../contract/caller.ts'
import { NO_POLICIES } from '../../policy/authorization-request.ts'
import { contextOf } from '../../policy/context.ts'
import { principalKeys, type RootUser } from '../../policy/principal.ts'

/** The root user of an account. */
export function rootCaller(account: string, accessKeyId: string): Caller {
  const arn = `arn:aws:iam::${account}:root`
  const principal: RootUser = { kind: 'root-user', account, arn }
  return {
    type: 'Root',
    account,
    arn,
    principalId: account,
    accessKeyId,
    userName: undefined,
    session: undefined,
    principal,
    policies: NO_POLICIES,
    context: contextOf(principalKeys(principal)),
  }
}
