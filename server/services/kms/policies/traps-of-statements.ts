// Traps that one statement shows.
import type { Statement } from '../../../policy/policy-document.ts'
import { KEY_ACTIONS } from './capabilities.ts'
import type { Trap } from './lint-finding.ts'
import { speaksOf } from './traps-of-policies.ts'

export const STATEMENT_TRAPS: readonly Trap<Statement>[] = [
  function hasNoEffect({ actions, resources }) {
    if (actions !== undefined && resources !== undefined) return undefined
    const lacking = actions === undefined ? 'Action' : 'Resource'
    return {
      severity: 'wrong',
      problem: `Without ${lacking} the statement is taken, and does nothing.`,
      advice: `Add "${lacking}": ${lacking === 'Resource' ? '"*", which means this key' : 'the actions'}.`,
    }
  },
  function resourceIsNotThisKey({ resources }) {
    const other = resources?.values.find((value) => value !== '*' && !/:key\//.test(value))
    if (other === undefined) return undefined
    return {
      severity: 'wrong',
      problem: `Resource ${other} is no key: the statement never matches.`,
      advice:
        'Write "Resource": "*", which means this key. For an alias use the condition key kms:RequestAlias.',
    }
  },
  function denySparesOnlyWhoIsWhollyListed({ effect, principals }) {
    if (effect !== 'Deny' || !principals?.not) return undefined
    return {
      severity: 'doubtful',
      problem:
        'NotPrincipal with Deny hits the sessions of a role too, unless role, session and account are all listed.',
      advice: 'Use "Principal": "*" with the condition ArnNotEquals aws:PrincipalArn.',
    }
  },
  function allowsWhatIsNotYetInvented({ effect, actions }) {
    if (effect !== 'Allow' || !actions?.not) return undefined
    return {
      severity: 'doubtful',
      problem: 'NotAction with Allow also allows every action that comes in the future.',
      advice: 'List the actions that are meant.',
    }
  },
  function everybodyEverywhere({ effect, principals, conditions }) {
    const everyone = principals?.names.some(({ type, name }) => type === 'AWS' && name === '*')
    if (effect !== 'Allow' || !everyone || conditions.some(isAboutTheCaller)) return undefined
    return {
      severity: 'wrong',
      problem:
        'Principal "*" with no condition on the caller lets in everybody in this account, and every account whose own policies allow it.',
      advice: 'Add a condition such as ArnEquals aws:PrincipalArn, or name the principals.',
    }
  },
  function serviceIsNotTiedToItsSource({ effect, principals, conditions }) {
    const service = principals?.names.find(({ type }) => type === 'Service')
    const isTied = conditions.some(({ key }) => /^aws:source(arn|account|org)/i.test(key))
    if (effect !== 'Allow' || service === undefined || isTied) return undefined
    return {
      severity: 'doubtful',
      problem: `${service.name} may use the key for resources of any account (the confused deputy).`,
      advice: 'Add conditions on aws:SourceAccount and aws:SourceArn.',
    }
  },
  function knowsNoSuchAction({ actions }) {
    const unknown = actions?.values.find(
      (value) => !/[*?]/.test(value) && !KNOWN.has(value.toLowerCase()),
    )
    if (unknown === undefined) return undefined
    return {
      severity: 'wrong',
      problem: `${unknown} is no action on a key: a key policy neither allows nor denies it.`,
      advice:
        'Correct the name. Actions without a key, such as kms:CreateKey and kms:ListKeys, belong into IAM policies.',
    }
  },
  function denyHitsServices({ effect, principals, conditions, ...rest }) {
    const keys = conditions.map(({ key }) => key.toLowerCase())
    const isForOthers = conditions.some(
      ({ key, operator }) => key.toLowerCase() === 'aws:principalarn' && isNegated(operator.name),
    )
    const statement = { effect, principals, conditions, ...rest }
    if (effect !== 'Deny' || !isForOthers || !speaksOf(statement, 'kms:Decrypt')) return undefined
    if (keys.includes('aws:principalisawsservice') || keys.includes('kms:grantisforawsresource')) {
      return undefined
    }
    return {
      severity: 'wrong',
      problem:
        'The Deny hits AWS services too, whose principals nobody lists: volumes do not attach, databases do not start.',
      advice:
        'Add Bool aws:PrincipalIsAWSService "false" and Bool kms:GrantIsForAWSResource "false" to its conditions.',
    }
  },
]

const KNOWN = new Set([...KEY_ACTIONS, 'kms:ReEncrypt*'].map((action) => action.toLowerCase()))

/** Condition keys that say who the caller is, or on whose behalf the call is made. */
function isAboutTheCaller({ key }: { readonly key: string }): boolean {
  return /^(aws:(principal(arn|account|org|tag|isaws|serv)|userid|source(arn|account|org|vpc))|kms:calleraccount)/i.test(
    key,
  )
}

export function isNegated(operator: string): boolean {
  return operator.includes('Not')
}
