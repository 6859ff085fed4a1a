// Sessions that a user, or the root user, begins for itself or for somebody it vouches for.
import type { Call } from '../../contract/call.ts'
import { AccessDeniedException } from '../../contract/errors.ts'
import type { SessionFacts } from '../../contract/session.ts'

const DEFAULT_SECONDS = 43_200
/** The root user's sessions are never longer, whatever was asked for. */
const ROOT_SECONDS = 3600

/** The facts of such a session, without policies and tags. */
export function ownSession(
  kind: 'user' | 'federated',
  askedSeconds: number | undefined,
  { caller, nowMs }: Call,
): SessionFacts {
  const seconds = askedSeconds ?? DEFAULT_SECONDS
  const durationSeconds = caller.type === 'Root' ? Math.min(seconds, ROOT_SECONDS) : seconds
  return {
    kind,
    account: caller.account,
    principalId: caller.principalId,
    name: '',
    policy: undefined,
    policyArns: [],
    tags: [],
    transitiveTagKeys: [],
    sourceIdentity: undefined,
    mfaAuthenticated: false,
    federatedProvider: undefined,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + durationSeconds * 1000,
  }
}

/** There are no MFA devices here, so no code can be right. */
export function requireNoMfa(input: {
  readonly SerialNumber?: string | undefined
  readonly TokenCode?: string | undefined
}): void {
  if (input.SerialNumber === undefined && input.TokenCode === undefined) return
  throw new AccessDeniedException(
    'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
  )
}
