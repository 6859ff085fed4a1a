// Who makes a call: a verified principal, and everything that binds it.
import type { CallerPolicies } from '../policy/authorization-request.ts'
import type { Context } from '../policy/context.ts'
import type { Principal } from '../policy/principal.ts'

/** No account has this number: what AWS's services do for themselves is done in it. */
export const INTERNAL_ACCOUNT = '000000000000'

/** A verified principal; immutable for the whole request. */
export type Caller = {
  readonly type:
    | 'Root'
    | 'IAMUser'
    | 'AssumedRole'
    | 'FederatedUser'
    | 'WebIdentityUser'
    | 'AWSService'
    | 'Operator'
  /** Twelve digits; of whom an identity provider vouches for, the account that the provider is in. */
  readonly account: string
  /** Of a service its name; empty for whom an identity provider vouches for: AWS gives them none. */
  readonly arn: string
  /** The unique id: the account for its root user, `AIDA…` for a user, `AROA…:session` for a role. */
  readonly principalId: string
  /** The access key that signed; empty where nobody did. */
  readonly accessKeyId: string
  /** The name of an IAM user, or of a user of an identity provider, as audit records tell it. */
  readonly userName: string | undefined
  /** Of temporary credentials. */
  readonly session: Session | undefined
  /** Who this is to policies. */
  readonly principal: Principal
  /** The policies that bind the caller, whatever is asked for. */
  readonly policies: CallerPolicies
  /** The condition keys that follow from the caller alone: aws:PrincipalArn, aws:PrincipalTag/… */
  readonly context: Context
}

/** What temporary credentials stand for. */
export type Session = {
  readonly createdAtMs: number
  readonly mfaAuthenticated: boolean
  readonly sourceIdentity: string | undefined
  /** Session tags that go on into every session that is begun with this one. */
  readonly transitiveTags: readonly (readonly [key: string, value: string])[]
  /** Whose permissions the session has, where that is not the caller itself. */
  readonly issuer: SessionIssuer | undefined
}

export type SessionIssuer = {
  readonly type: 'Role' | 'IAMUser' | 'Root'
  readonly principalId: string
  readonly arn: string
  readonly account: string
  readonly userName: string | undefined
}
