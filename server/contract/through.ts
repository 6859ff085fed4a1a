// The ways in which a service uses an operation of another one. There are no others.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html

/** The resource that a service acts for, which conditions know as aws:SourceArn and aws:SourceAccount. */
export type Source = { readonly arn: string; readonly account: string }

export type Through =
  /** On behalf of whoever called the service: with their policies, on their quotas. */
  | { readonly as: 'caller' }
  /** As a session that the service runs for a resource, such as an instance: grants permit what it does. */
  | {
      readonly as: 'infrastructure'
      /** No role of an account can have such a name. */
      readonly role: `aws:${string}`
      readonly session: string
      /** The account that owns the resource, and pays. */
      readonly account: string
    }
  /** As itself, to which a grant was made for the resource, whose owner pays. */
  | { readonly as: 'grantee'; readonly source: Source }
  /** As itself, whom a policy names; with keys that no account owns, too. */
  | { readonly as: 'service'; readonly source: Source }
