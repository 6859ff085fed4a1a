// What one decision is made from: who asks, which policies bind them, and what must be allowed.
// After: IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Troubleshooting AWS KMS
// permissions" and "Grants in AWS KMS".
import type { CompiledPolicy } from './compiled-policy.ts'
import type { Context } from './context.ts'
import type { Principal } from './principal.ts'

/** SCPs or RCPs, root to account: every level must allow. */
export type ControlPolicies = {
  /** The organization's management account, which they do not restrict. */
  readonly managementAccount: string
  readonly levels: readonly (readonly CompiledPolicy[])[]
}

/** Everything that binds the caller, whatever they ask for. No member is optional: none is forgotten. */
export type CallerPolicies = {
  /** The user's own and its groups', or the role's: a role's session has none of its user's. */
  readonly identity: readonly CompiledPolicy[]
  readonly boundary: CompiledPolicy | undefined
  /** Inline and by ARN; undefined where the session was made without, which cuts nothing. */
  readonly session: readonly CompiledPolicy[] | undefined
  readonly serviceControl: ControlPolicies | undefined
  /** Of the VPC endpoint the request came through. */
  readonly endpoint: CompiledPolicy | undefined
}

/** Of a caller whom nobody gave or took anything. */
export const NO_POLICIES: CallerPolicies = {
  identity: [],
  boundary: undefined,
  session: undefined,
  serviceControl: undefined,
  endpoint: undefined,
}

/** A grant KMS found to apply: grantee, operation and constraints match. */
export type MatchedGrant = {
  readonly id: string
  /** The account in which it was created: the key's owner, or another for a grant made by a grant. */
  readonly issuer: string
  readonly grantee: 'user' | 'role' | 'session' | 'federated-user' | 'account' | 'service'
}

/** One permission a call needs. */
export type Demand = {
  /** `kms:Decrypt`. */
  readonly action: string
  /** The ARN asked for, or `*` for actions without a resource. */
  readonly resource: string
  /** Who owns the resource; for an action without one, the caller's account. */
  readonly account: string
  readonly resourceControl: ControlPolicies | undefined
  readonly context: Context
} & Authority

/**
 * Whose word allows it. This is a property of the demand, never looked up by service in the engine.
 *
 * `anyone`: cannot be denied (sts:GetCallerIdentity).
 * `identity`: identity policies alone; there is no resource policy (kms:CreateKey, iam:…).
 * `either`: identity policies or the resource policy (buckets, queues, secrets, functions).
 * `delegation`: the resource policy or a grant; identity policies count only where the resource
 * policy delegates to their account (KMS keys, role trust policies).
 * `grant`: the grant itself, else identity policies of the account that issued it (kms:RetireGrant).
 */
export type Authority =
  | { readonly authority: 'anyone' }
  | { readonly authority: 'identity' }
  | {
      readonly authority: 'either'
      readonly policy: CompiledPolicy | undefined
      /** Block Public Access: nobody is let in without a signature. */
      readonly publicAccessBlocked: boolean
    }
  | {
      readonly authority: 'delegation'
      readonly policy: CompiledPolicy | undefined
      readonly grants: readonly MatchedGrant[]
    }
  | { readonly authority: 'grant'; readonly grants: readonly MatchedGrant[] }

/** Who asks, bound by what, for what. */
export type AuthorizationRequest = {
  readonly principal: Principal
  readonly policies: CallerPolicies
  readonly demand: Demand
}
