// What must be allowed before a call goes on, and what it will be counted as.

/** One permission that the call needs. All demands of a call must be allowed. */
export type Demand = {
  /** Service prefix and action, such as `kms:Encrypt`. */
  readonly action: string
  /** The ARN that was asked for, or `*` where the action has no resource. */
  readonly resource: string
  /** The account that owns the resource; for `*`, the caller's own. */
  readonly owner: string
  /** Whether IAM policies count: KMS lets them only where the key policy delegates to the account. */
  readonly delegated: boolean
  /** What a denied caller is told instead of the usual sentence. */
  readonly denial: string | undefined
}

/** One draw on a request quota and one line on the meter. */
export type Usage = {
  /** The name of the request quota, such as `CryptographicOperationsSymmetric`. */
  readonly quota: string
  /** The account that pays: the caller's, never the key owner's. */
  readonly payer: string
  readonly count: number
}

/** A resource as the audit record names it; each owning account gets a copy of the record. */
export type Resource = { readonly account: string; readonly type: string; readonly arn: string }
