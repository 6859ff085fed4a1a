// Reads a key policy as a colleague would who has fallen into every trap before, and says so in plain
// words: what it does, and what to write instead. Nothing here decides anything.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import { parsePolicy } from '../../../policy/parser.ts'
import type { PolicyDocument } from '../../../policy/policy-document.ts'
import type { LintedPolicy, LintFinding, Trap } from './lint-finding.ts'
import { ATTESTATION_TRAPS } from './traps-of-attestation.ts'
import { CONDITION_TRAPS } from './traps-of-conditions.ts'
import { POLICY_TRAPS } from './traps-of-policies.ts'
import { STATEMENT_TRAPS } from './traps-of-statements.ts'

/** The findings, the policy's own first and then statement by statement. */
export function lintKeyPolicy(text: string, account: string): readonly LintFinding[] {
  let document: PolicyDocument
  try {
    document = parsePolicy(text, 'key')
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error
    const advice = 'Correct this first: no key takes the policy as it is.'
    return [{ severity: 'wrong', where: '', problem: error.message, advice }]
  }
  const policy = { document, account }
  return [
    ...look(POLICY_TRAPS, document, policy, ''),
    ...document.statements.flatMap((statement, index) => {
      const where = `Statement[${index}]${statement.sid === undefined ? '' : ` (${statement.sid})`}`
      return [
        ...look(STATEMENT_TRAPS, statement, policy, where),
        ...statement.conditions.flatMap((condition) =>
          look([...CONDITION_TRAPS, ...ATTESTATION_TRAPS], { statement, condition }, policy, where),
        ),
      ]
    }),
  ]
}

function look<Part>(
  traps: readonly Trap<Part>[],
  part: Part,
  policy: LintedPolicy,
  where: string,
): readonly LintFinding[] {
  return traps.flatMap((trap) => {
    const found = trap(part, policy)
    return found === undefined ? [] : [{ ...found, where }]
  })
}
