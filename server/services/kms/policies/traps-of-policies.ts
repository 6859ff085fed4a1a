// Traps that only the policy as a whole shows.
import { actionMatcher, requestedAction } from '../../../policy/action-matcher.ts'
import type { PolicyDocument, Statement } from '../../../policy/policy-document.ts'
import type { Trap } from './lint-finding.ts'

export const POLICY_TRAPS: readonly Trap<PolicyDocument>[] = [
  function nobodyCanChangeIt(document) {
    if (document.statements.some((one) => one.effect === 'Allow' && speaksOf(one, PUT_POLICY))) {
      return undefined
    }
    return {
      severity: 'wrong',
      problem: 'Nobody may call kms:PutKeyPolicy: the policy can never be changed again.',
      advice:
        'Allow kms:PutKeyPolicy to somebody. A key that is in this state already: keyhold key recover-policy.',
    }
  },
  function theAccountIsLeftOut({ statements }, { account }) {
    if (statements.some((one) => one.effect === 'Allow' && delegatesTo(one, account))) {
      return undefined
    }
    return {
      severity: 'note',
      problem:
        'The account is not named, so that IAM policies count for nothing and not even its root user is let in.',
      advice:
        'As intended where only those named may use the key. Name two administrators at least: when the last one is deleted, only the operator of this server can help.',
    }
  },
  function everybodyInIamIsLetIn({ statements }, { account }) {
    const open = statements.find(
      (one) =>
        one.effect === 'Allow' &&
        delegatesTo(one, account) &&
        one.conditions.length === 0 &&
        speaksOf(one, 'kms:Decrypt'),
    )
    if (open === undefined || statements.some(deniesOthers)) return undefined
    return {
      severity: 'note',
      problem: `arn:aws:iam::${account}:root is not the root user alone: everybody in the account whose IAM policies allow it may use the key.`,
      advice:
        'Fine where IAM shall decide. To decide here, generate a policy with: keyhold policy generate least-privilege.',
    }
  },
  function variablesNeedTheNewVersion(document) {
    if (document.version === '2012-10-17' || !JSON.stringify(document).includes('${')) {
      return undefined
    }
    return {
      severity: 'wrong',
      problem:
        'Without "Version": "2012-10-17" a policy has no variables: $' + '{…} is plain text.',
      advice: 'Add "Version": "2012-10-17".',
    }
  },
]

const PUT_POLICY = 'kms:PutKeyPolicy'

/** Whether the statement is about the action, whoever may do it. */
export function speaksOf({ actions }: Statement, action: string): boolean {
  if (actions === undefined) return false
  return actionMatcher(actions)(requestedAction(action), { left: Number.MAX_SAFE_INTEGER })
}

function delegatesTo({ principals }: Statement, account: string): boolean {
  if (principals === undefined || principals.not) return false
  const names = [account, `arn:aws:iam::${account}:root`]
  return principals.names.some(({ type, name }) => type === 'AWS' && names.includes(name))
}

/** A Deny for everyone but those whose ARN is listed. */
function deniesOthers(statement: Statement): boolean {
  return (
    statement.effect === 'Deny' &&
    statement.conditions.some(
      ({ operator, key }) =>
        operator.name.includes('Not') && key.toLowerCase() === 'aws:principalarn',
    )
  )
}
