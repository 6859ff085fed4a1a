// The key policy: the document as it was sent, and made ready to be asked.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
import { type CompiledPolicy, compilePolicy } from '../../../policy/compiled-policy.ts'
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import { parsePolicy } from '../../../policy/parser.ts'
import type { PolicyDocument } from '../../../policy/policy-document.ts'
import { mapPrincipals } from '../../../policy/policy-names.ts'

/** A document, and the unique ids of the users and roles that it names. */
export type KeyPolicy = {
  readonly policy: string
  /** By the name that stands in the document. What is not in here is its own id. */
  readonly policyPrincipals: PolicyPrincipals
}

/** A key, as far as its policy goes. */
type PolicyOwner = KeyPolicy & { readonly arn: string }

export type PolicyPrincipals = ReadonlyMap<string, string>

/** The policy that the API gives a key for which none was sent: the account decides through IAM. */
export function defaultKeyPolicy(account: string): string {
  return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::${account}:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
}

/** A document that names accounts, services and everyone only. */
export const NO_POLICY_PRINCIPALS: PolicyPrincipals = new Map()

// A key is another object after every change, so what was compiled for it never outlives its policy.
const compiled = new WeakMap<PolicyOwner, CompiledPolicy | 'nobody'>()

/** The key's policy; undefined, which lets nobody in, where its document is not one any more. */
export function compiledKeyPolicy(key: PolicyOwner): CompiledPolicy | undefined {
  let policy = compiled.get(key)
  if (policy === undefined) {
    policy = compileOrNobody(key)
    compiled.set(key, policy)
  }
  return policy === 'nobody' ? undefined : policy
}

/** The document ready to be asked: users and roles are known by their ids, and by nothing else. */
export function compileKeyPolicy(
  document: PolicyDocument,
  principals: PolicyPrincipals,
  arn: string,
): CompiledPolicy {
  const byId = mapPrincipals(document, ({ name }) => principals.get(name) ?? name)
  return compilePolicy(byId, arn)
}

function compileOrNobody({
  policy,
  policyPrincipals,
  arn,
}: PolicyOwner): CompiledPolicy | 'nobody' {
  try {
    return compileKeyPolicy(parsePolicy(policy, 'key'), policyPrincipals, arn)
  } catch (error) {
    if (error instanceof MalformedPolicyError) return 'nobody'
    throw error
  }
}
