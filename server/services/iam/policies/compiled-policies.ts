// Stored policies made ready to be asked: each version of a document is compiled once.
import { type CompiledPolicy, compilePolicyText } from '../../../policy/compiled-policy.ts'
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import { policyCache } from '../../../policy/policy-cache.ts'
import type { PolicyKind } from '../../../policy/policy-kinds.ts'

const MAX_CACHED_POLICIES = 10_000

/** Compiles the document of the policy that is called `name`. */
export type CompilePolicy = (kind: PolicyKind, name: string, document: string) => CompiledPolicy

export function policyCompiler(): CompilePolicy {
  const cache = policyCache(MAX_CACHED_POLICIES)
  return (kind, name, document) =>
    // A document is its own version: whatever is called the same but says something else is another one.
    cache.get(`${kind} ${name}`, document, () => compileOrDeny(kind, name, document))
}

/** What cannot be read may have denied anything, so it denies everything. */
export function denyingPolicy(kind: PolicyKind, name: string): CompiledPolicy {
  return compilePolicyText(kind === 'trust' ? TRUSTS_NOBODY : DENIES_EVERYTHING, kind, name)
}

/** The compiled document, or the policy that denies everything where it is not one any more. */
export function compileOrDeny(kind: PolicyKind, name: string, document: string): CompiledPolicy {
  try {
    return compilePolicyText(document, kind, name)
  } catch (error) {
    if (error instanceof MalformedPolicyError) return denyingPolicy(kind, name)
    throw error
  }
}

const DENIES_EVERYTHING =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
const TRUSTS_NOBODY =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Principal":"*"}]}'
