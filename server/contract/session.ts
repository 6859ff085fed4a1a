// What a session stands for: the facts its token carries. Policies, boundary and tags of the role or
// user behind it are not among them: they count as they are when the session is used.

export type SessionFacts = {
  /** Who the session acts as: of a role, of a user by its own name, or federated by a user. */
  readonly kind: 'role' | 'user' | 'federated'
  /** Twelve digits. */
  readonly account: string
  /** `AROA…` of the role, `AIDA…` of the user, or the account of its root user. */
  readonly principalId: string
  /** The role session's or the federated user's name; empty for a user's own session. */
  readonly name: string
  /** JSON of the inline session policy. */
  readonly policy: string | undefined
  /** ARNs of managed policies that are session policies. */
  readonly policyArns: readonly string[]
  readonly tags: readonly (readonly [key: string, value: string])[]
  /** Keys of the tags that a session assumed from this one inherits. */
  readonly transitiveTagKeys: readonly string[]
  readonly sourceIdentity: string | undefined
  readonly mfaAuthenticated: boolean
  /** The OIDC provider that vouched for the caller, as aws:FederatedProvider tells it. */
  readonly federatedProvider: string | undefined
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

/** Temporary credentials as their holder gets them, once. */
export type TemporaryCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** How much of the longest token this one is. */
  readonly percentOfToken: number
}
