// Who signed the request. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

/** A verified principal; immutable for the whole request. */
export type Caller = {
  readonly type: 'Root' | 'IAMUser' | 'AssumedRole' | 'FederatedUser' | 'AWSService' | 'Operator'
  /** Twelve digits. */
  readonly account: string
  readonly arn: string
  /** The unique id: the account for its root user, `AIDA…` for a user, `AROA…:session` for a role. */
  readonly principalId: string
  /** The access key that signed. */
  readonly accessKeyId: string
}
