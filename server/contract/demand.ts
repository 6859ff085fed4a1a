// What must be allowed before a call goes on, and what it will be counted as.
import type { Authority } from '../policy/authorization-request.ts'
import type { ContextValue } from '../policy/context.ts'

/** Condition keys of a demand, such as `kms:EncryptionContext:app`; made only when a policy asks. */
export type ConditionKeys = () => Iterable<readonly [key: string, value: ContextValue]>

/** One permission that the call needs, and whose word gives it. All demands of a call must be allowed. */
export type Demand = {
  /** Service prefix and action, such as `kms:Encrypt`. */
  readonly action: string
  /** The ARN that was asked for, or `*` where the action has no resource. */
  readonly resource: string
  /** The account that owns the resource; for `*`, the caller's own. */
  readonly owner: string
  readonly conditions: ConditionKeys
  /** What a denied caller is told instead of the usual sentence. */
  readonly denial: string | undefined
  /** The Region in which it must be allowed, where that is not the call's. */
  readonly region?: string | undefined
  /**
   * Of another account's resource: what would be demanded if it were missing. A denied caller is told what
   * that demand would tell, so that neither words nor conditions give away whether there is one.
   */
  readonly ifMissing?: (() => Demand) | undefined
} & Authority

/** A demand that identity policies alone decide: there is no resource policy. */
export function identityDemand(
  action: string,
  resource: string,
  owner: string,
  conditions: ConditionKeys = noConditions,
): Demand {
  return { action, resource, owner, conditions, denial: undefined, authority: 'identity' }
}

/** Of a demand that has no condition keys of its own. */
export function noConditions(): ReturnType<ConditionKeys> {
  return []
}

/** One draw on a request quota and one line on the meter. */
export type Usage = {
  /** The name of the request quota, such as `CryptographicOperationsSymmetric`. */
  readonly quota: string
  /** The account that pays: the one in which the call is made, which is the caller's; never the key owner's. */
  readonly payer: string
  readonly count: number
}

/** A resource as the audit record names it; each owning account gets a copy of the record. */
export type Resource = { readonly account: string; readonly type: string; readonly arn: string }
