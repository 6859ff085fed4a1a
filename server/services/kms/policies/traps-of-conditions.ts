// Traps that one condition of a statement shows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
import type { Condition, Statement } from '../../../policy/policy-document.ts'
import type { Trap } from './lint-finding.ts'
import { speaksOf } from './traps-of-policies.ts'
import { isNegated } from './traps-of-statements.ts'

type Conditioned = { readonly statement: Statement; readonly condition: Condition }

const MULTIVALUED = [
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:principalservicenameslist',
  'aws:tagkeys',
  'kms:encryptioncontextkeys',
  'kms:grantoperations',
  'kms:resourcealiases',
]

export const CONDITION_TRAPS: readonly Trap<Conditioned>[] = [
  function denyHitsDirectCalls({ statement, condition: { operator, key } }) {
    if (statement.effect !== 'Deny' || !isNegated(operator.name) || operator.ifExists) {
      return undefined
    }
    if (!/^(kms:viaservice|aws:calledvia|aws:source(vpc|vpce|arn|account))/i.test(key)) {
      return undefined
    }
    return {
      severity: 'doubtful',
      problem: `${operator.name} is true where ${key} is absent: the Deny hits every call without it, direct calls among them.`,
      advice: `As intended where only calls with ${key} shall pass. Else write ${operator.name}IfExists or add Null ${key} "false".`,
    }
  },
  function allowsWhatHasNoSuchKey({ statement, condition: { operator, key } }) {
    const asksForIt = statement.conditions.some(
      (other) =>
        other.operator.name === 'Null' &&
        other.key.toLowerCase() === key.toLowerCase() &&
        other.values.includes('false'),
    )
    if (statement.effect !== 'Allow' || operator.quantifier !== 'ForAllValues' || asksForIt) {
      return undefined
    }
    return {
      severity: 'doubtful',
      problem: `ForAllValues is true where ${key} is absent: the Allow lets requests without it pass.`,
      advice: `Add "Null": {"${key}": "false"}, or use ForAnyValue.`,
    }
  },
  function denySparesLongTermKeys({ statement, condition: { operator, key } }) {
    if (statement.effect !== 'Deny' || operator.ifExists) return undefined
    if (operator.name !== 'Bool' || key.toLowerCase() !== 'aws:multifactorauthpresent') {
      return undefined
    }
    return {
      severity: 'wrong',
      problem: `${key} is absent for access keys of users: the Deny does not hit them.`,
      advice: 'Write BoolIfExists.',
    }
  },
  function sessionsAreKnownByTheirRole({ condition: { key, values } }) {
    const session = values.find((value) => /:sts:.*:assumed-role\//.test(value))
    if (key.toLowerCase() !== 'aws:principalarn' || session === undefined) return undefined
    return {
      severity: 'wrong',
      problem: `aws:PrincipalArn of a session is its role: ${session} never matches.`,
      advice: 'Write the ARN of the role, with its path: arn:aws:iam::…:role/path/name.',
    }
  },
  function listsNeedAQuantifier({ condition: { operator, key } }) {
    const isList = MULTIVALUED.includes(key.toLowerCase())
    if (!isList || operator.quantifier !== undefined || operator.name === 'Null') return undefined
    return {
      severity: 'wrong',
      problem: `${key} is a list: without ForAnyValue or ForAllValues the condition does not match where it has several values.`,
      advice: `Write ForAnyValue:${operator.name}.`,
    }
  },
  function contextIsOnlyThereForCryptography({ statement, condition: { key, operator } }) {
    if (!/^kms:encryptioncontext/i.test(key) || operator.ifExists) return undefined
    if (statement.effect !== 'Allow' || !speaksOf(statement, 'kms:DescribeKey')) return undefined
    return {
      severity: 'wrong',
      problem: `Only encrypting and decrypting has an encryption context: with ${key} the statement never allows kms:DescribeKey and the like.`,
      advice:
        'Split the statement: one with the condition for cryptography, one without for the rest.',
    }
  },
  function grantFlagMayBeAbsent({ statement, condition: { operator, key } }) {
    if (statement.effect !== 'Deny' || operator.ifExists || operator.name !== 'Bool') {
      return undefined
    }
    if (key.toLowerCase() !== 'kms:grantisforawsresource') return undefined
    return {
      severity: 'note',
      problem:
        'This server gives kms:GrantIsForAWSResource with every call on a key. AWS documents it for grant operations only: there the Deny may not hit Decrypt.',
      advice: 'Where the policy is used on AWS as well, test it there, or write BoolIfExists.',
    }
  },
  function whoMayTagOrAliasMayGrant({ statement, condition: { key } }) {
    if (!/^(aws:resourcetag\/|kms:(resourcealiases|requestalias)$)/i.test(key)) return undefined
    if (statement.effect !== 'Allow') return undefined
    return {
      severity: 'note',
      problem: `Whoever may change what ${key} says may let people in: kms:TagResource, kms:CreateAlias and kms:UpdateAlias are as strong as kms:PutKeyPolicy here.`,
      advice: 'Give these actions only to administrators of the key.',
    }
  },
  function everyPrincipalOfTheAccount({ statement, condition: { key } }) {
    const everyone = statement.principals?.names.some(({ name }) => name === '*')
    if (key.toLowerCase() !== 'kms:calleraccount' || !everyone) return undefined
    if (statement.effect !== 'Allow' || statement.conditions.length > 1) return undefined
    return {
      severity: 'doubtful',
      problem:
        'Principal "*" with kms:CallerAccount lets in every principal of the account, whatever IAM policies and boundaries say.',
      advice: 'Name the account as principal instead, so that IAM decides.',
    }
  },
  function servicesComeFromElsewhere({ statement, condition: { operator, key } }) {
    const keys = statement.conditions.map((condition) => condition.key.toLowerCase())
    if (statement.effect !== 'Deny' || operator.name !== 'NotIpAddress') return undefined
    if (key.toLowerCase() !== 'aws:sourceip' || keys.includes('aws:viaawsservice')) return undefined
    return {
      severity: 'doubtful',
      problem: 'A service that uses the key for the caller may come from an address of its own.',
      advice: 'Add Bool aws:ViaAWSService "false" to the conditions.',
    }
  },
]
