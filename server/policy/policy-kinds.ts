// What each kind of policy may and must hold: one table, read by the parser and the compiler.
// After: IAM User Guide, "Grammar of the IAM JSON policy language"; KMS Developer Guide, "Key policies
// in AWS KMS"; AWS Organizations User Guide, "SCP syntax" and "RCP syntax".

/**
 * `identity` (users, groups, roles), `boundary`, `session` and `scp` speak about one principal and
 * name none. `key` is a KMS key policy, `resource` any other resource policy (bucket, queue, secret,
 * function), `trust` a role's trust policy, `endpoint` a VPC endpoint policy, `rcp` a resource
 * control policy.
 */
export type PolicyKind =
  | 'identity'
  | 'boundary'
  | 'session'
  | 'scp'
  | 'resource'
  | 'key'
  | 'trust'
  | 'endpoint'
  | 'rcp'

export type Grammar = {
  readonly principal: 'required' | 'forbidden'
  /**
   * KMS stores a statement without Resource or Action, which then has no effect. A trust policy is
   * itself the resource.
   */
  readonly resource: 'required' | 'ineffective-without' | 'forbidden'
  readonly action: 'required' | 'ineffective-without'
  readonly sid: 'alphanumeric' | 'any'
  /** STS takes session policies with values that are no number, date, address …: no match. [N] */
  readonly literals: 'checked' | 'unchecked'
  /** Key names KMS refuses under ForAllValues: a request without them would be allowed. */
  readonly noForAllValuesOn: readonly string[]
  /** Bytes of UTF-8. Quotas of IAM count otherwise and belong to IAM: see `policySize`. */
  readonly maxBytes: number
}

/** The longest document any API takes (IAM's PolicyDocument: 131,072 characters). */
const MAX_BYTES = 131_072

const OF_A_PRINCIPAL: Grammar = {
  principal: 'forbidden',
  resource: 'required',
  action: 'required',
  sid: 'alphanumeric',
  literals: 'checked',
  noForAllValuesOn: [],
  maxBytes: MAX_BYTES,
}

const OF_A_RESOURCE: Grammar = { ...OF_A_PRINCIPAL, principal: 'required', sid: 'any' }

export const GRAMMARS: Readonly<Record<PolicyKind, Grammar>> = {
  identity: OF_A_PRINCIPAL,
  boundary: OF_A_PRINCIPAL,
  session: { ...OF_A_PRINCIPAL, literals: 'unchecked' },
  scp: OF_A_PRINCIPAL,
  resource: OF_A_RESOURCE,
  key: {
    ...OF_A_RESOURCE,
    resource: 'ineffective-without',
    action: 'ineffective-without',
    noForAllValuesOn: ['kms:encryptioncontext:', 'aws:requesttag/'],
    maxBytes: 32_768,
  },
  trust: { ...OF_A_RESOURCE, resource: 'forbidden' },
  endpoint: OF_A_RESOURCE,
  rcp: OF_A_RESOURCE,
}

/** How long a document is: KMS counts its bytes, IAM's quotas its characters without white space. */
export function policySize(text: string): { bytes: number; characters: number } {
  return { bytes: Buffer.byteLength(text), characters: text.replace(/[ \t\n\r]/g, '').length }
}
