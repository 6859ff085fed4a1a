// Callers as IAM knows them: who they are to policies, and which condition keys follow.
import type { Caller, Session, SessionIssuer } from '../../contract/caller.ts'
import type { SessionFacts } from '../../contract/session.ts'
import { NO_POLICIES } from '../../policy/authorization-request.ts'
import { type ContextValue, contextOf } from '../../policy/context.ts'
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

/** The root user by a session of its own, as GetSessionToken makes one. */
export function rootSessionCaller(facts: SessionFacts, accessKeyId: string): Caller {
  const caller = rootCaller(facts.account, accessKeyId)
  return {
    ...caller,
    session: sessionOf(facts, undefined),
    context: contextOf(sessionKeys(facts), caller.context),
  }
}

/** A session as audit records tell it. */
function sessionOf(facts: SessionFacts, issuer: SessionIssuer | undefined): Session {
  const { createdAtMs, mfaAuthenticated, sourceIdentity } = facts
  return { createdAtMs, mfaAuthenticated, sourceIdentity, issuer }
}

/** The condition keys that temporary credentials have and others lack. */
function sessionKeys(facts: SessionFacts): [key: string, value: ContextValue][] {
  const { createdAtMs, mfaAuthenticated, sourceIdentity, federatedProvider } = facts
  const keys: [string, ContextValue][] = [
    ['aws:TokenIssueTime', new Date(createdAtMs).toISOString()],
    ['aws:MultiFactorAuthPresent', String(mfaAuthenticated)],
  ]
  if (sourceIdentity !== undefined) keys.push(['aws:SourceIdentity', sourceIdentity])
  if (federatedProvider !== undefined) keys.push(['aws:FederatedProvider', federatedProvider])
  return keys
}
