// The key policy: the document as it is kept, and made ready to be asked.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
import { type CompiledPolicy, compilePolicyText } from '../../../policy/compiled-policy.ts'
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import type { Key } from './key.ts'

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

// A key is another object after every change, so what was compiled for it never outlives its policy.
const compiled = new WeakMap<Key, CompiledPolicy | 'nobody'>()

/** The key's policy; undefined, which lets nobody in, where its document is not one any more. */
export function compiledKeyPolicy(key: Key): CompiledPolicy | undefined {
  let policy = compiled.get(key)
  if (policy === undefined) {
    policy = compileOrNobody(key)
    compiled.set(key, policy)
  }
  return policy === 'nobody' ? undefined : policy
}

function compileOrNobody(key: Key): CompiledPolicy | 'nobody' {
  try {
    return compilePolicyText(key.policy, 'key', key.arn)
  } catch (error) {
    if (error instanceof MalformedPolicyError) return 'nobody'
    throw error
  }
}
