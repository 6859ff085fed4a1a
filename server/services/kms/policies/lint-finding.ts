// What lint says of a key policy, and what a trap is.
import type { PolicyDocument } from '../../../policy/policy-document.ts'

/** `wrong`: does not do what it says, or locks out; `doubtful`: allows more than it seems to. */
export type Severity = 'wrong' | 'doubtful' | 'note'

export type LintFinding = {
  readonly severity: Severity
  /** `Statement[2] (DenyEveryoneElse)`, or empty for the policy as a whole. */
  readonly where: string
  readonly problem: string
  readonly advice: string
}

/** What a trap looks at: one part of the policy, with the whole of it at hand. */
export type Trap<Part> = (
  part: Part,
  policy: LintedPolicy,
) => Omit<LintFinding, 'where'> | undefined

export type LintedPolicy = { readonly document: PolicyDocument; readonly account: string }
