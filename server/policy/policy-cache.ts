// Compiled policies, kept by name and version. Decisions are never cached: a new version of a policy
// counts from the next request on.

import type { CompiledPolicy } from './compiled-policy.ts'

export type PolicyCache = {
  /** The compiled policy of this version; `compile` runs where it is not there yet. */
  get(name: string, version: string | number, compile: () => CompiledPolicy): CompiledPolicy
  /** Forgets a policy that was deleted. */
  forget(name: string): void
}

/** A cache of so many policies; the one unused for longest goes first. */
export function policyCache(maxPolicies: number): PolicyCache {
  const kept = new Map<string, { version: string | number; policy: CompiledPolicy }>()
  return {
    get(name, version, compile) {
      const found = kept.get(name)
      const policy = found?.version === version ? found.policy : compile()
      // Deleted and set again: a Map remembers its order, and the first is the oldest.
      kept.delete(name)
      kept.set(name, { version, policy })
      const [oldest] = kept.keys()
      if (kept.size > maxPolicies && oldest !== undefined) kept.delete(oldest)
      return policy
    },
    forget(name) {
      kept.delete(name)
    },
  }
}
