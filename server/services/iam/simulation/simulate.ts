// What policies would decide: the engine that decides every call, asked about calls that nobody makes.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
import { setImmediate as turn } from 'node:timers/promises'
import { ValidationException } from '../../../contract/errors.ts'
import { splitArn } from '../../../policy/arn.ts'
import type { Authority, CallerPolicies } from '../../../policy/authorization-request.ts'
import { type Explanation, explain } from '../../../policy/authorize.ts'
import { type CompiledPolicy, compilePolicyText } from '../../../policy/compiled-policy.ts'
import { type Context, contextOf } from '../../../policy/context.ts'
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import type { PolicyKind } from '../../../policy/policy-kinds.ts'
import type { Principal } from '../../../policy/principal.ts'
import { InvalidInputException } from '../errors.ts'
import { type PageRequest, pageOf, pageStart } from '../pages.ts'
import type { ContextEntry, EvaluationResult, SimulatePolicyResponse, Statement } from '../wire.ts'

/** Who would call, bound by what. */
export type Simulated = {
  readonly account: string
  readonly principal: Principal
  readonly policies: CallerPolicies
  /** The condition keys that follow from who calls. */
  readonly context: Context
}

/** What both simulations are asked. */
export type SimulationRequest = PageRequest & {
  readonly ActionNames: readonly string[]
  readonly ResourceArns?: readonly string[] | undefined
  readonly ResourcePolicy?: string | undefined
  readonly ResourceOwner?: string | undefined
  readonly ContextEntries?: readonly ContextEntry[] | undefined
}

type Question = { readonly place: number; readonly action: string; readonly resource: string }

const DEFAULT_ITEMS = 100
/** Characters of policies that one call may have looked at, all its decisions together. */
const MAX_CHARACTERS = 20_000_000
/** So many decisions at a time: others are served in between. */
const DECISIONS_AT_ONCE = 20
const ACTION = /^[a-z0-9-]+:[A-Za-z0-9]+$/

export async function simulate(
  request: SimulationRequest,
  simulated: Simulated,
): Promise<SimulatePolicyResponse> {
  const questions = questionsOf(request)
  requireAffordable(request, simulated, questions.length)
  const context = contextOf(entriesOf(request), simulated.context)
  const { entries, paging } = pageOf(questions, request, ({ place }) => String(place))
  const EvaluationResults: EvaluationResult[] = []
  for (const [index, question] of entries.entries()) {
    if (index % DECISIONS_AT_ONCE === DECISIONS_AT_ONCE - 1) await turn()
    EvaluationResults.push(resultOf(question, decide(question, request, simulated, context)))
  }
  return { EvaluationResults, ...paging }
}

/** The page's questions and one more: every action for every resource. */
function questionsOf(request: SimulationRequest): readonly Question[] {
  const { ActionNames: actions, ResourceArns: resources = ['*'], MaxItems } = request
  for (const action of actions) {
    if (!ACTION.test(action)) throw InvalidInputException.action(action)
  }
  const { after } = pageStart(request)
  if (after !== undefined && !/^\d{1,9}$/.test(after))
    throw new ValidationException('Invalid Marker.')
  const first = after === undefined ? 0 : Number(after) + 1
  const total = actions.length * resources.length
  const count = Math.max(0, Math.min(total - first, (MaxItems ?? DEFAULT_ITEMS) + 1))
  return Array.from({ length: count }, (_, at) => ({
    place: first + at,
    action: actions[Math.floor((first + at) / resources.length)] as string,
    resource: resources[(first + at) % resources.length] as string,
  }))
}

function requireAffordable(
  { ResourcePolicy }: SimulationRequest,
  { policies: { identity, boundary } }: Simulated,
  decisions: number,
): void {
  let characters = (ResourcePolicy?.length ?? 0) + (boundary?.length ?? 0)
  for (const policy of identity) characters += policy.length
  if (characters * decisions > MAX_CHARACTERS) throw InvalidInputException.tooMuchToSimulate()
}

function decide(
  { action, resource }: Question,
  request: SimulationRequest,
  { account, principal, policies }: Simulated,
  context: Context,
): Explanation {
  const owner = request.ResourceOwner ?? splitArn(resource)?.[4] ?? ''
  return explain({
    principal,
    policies,
    demand: {
      action,
      resource,
      account: /^\d{12}$/.test(owner) ? owner : account,
      resourceControl: undefined,
      context,
      ...authorityOf(action, request.ResourcePolicy),
    },
  })
}

/** Whose word counts, as the services have it: a key's policy must delegate, other resources' need not. */
function authorityOf(action: string, resourcePolicy: string | undefined): Authority {
  if (resourcePolicy === undefined) return { authority: 'identity' }
  if (action.startsWith('kms:')) {
    return { authority: 'delegation', policy: compileGiven('key', resourcePolicy), grants: [] }
  }
  if (action.startsWith('sts:')) {
    return { authority: 'delegation', policy: compileGiven('trust', resourcePolicy), grants: [] }
  }
  const policy = compileGiven('resource', resourcePolicy)
  return { authority: 'either', policy, publicAccessBlocked: false }
}

/** A policy of the request, compiled; `name` is what matched statements call it. */
export function compileGiven(
  kind: PolicyKind,
  document: string,
  name = 'ResourcePolicy',
): CompiledPolicy {
  try {
    return compilePolicyText(document, kind, name)
  } catch (error) {
    if (error instanceof MalformedPolicyError) {
      throw InvalidInputException.document(name, error.message)
    }
    throw error
  }
}

function* entriesOf({ ContextEntries }: SimulationRequest) {
  for (const { ContextKeyName, ContextKeyValues = [], ContextKeyType } of ContextEntries ?? []) {
    if (ContextKeyName === undefined) continue
    const isList = ContextKeyType?.endsWith('List') === true
    const [value] = ContextKeyValues
    if (!isList && value === undefined) continue
    yield [ContextKeyName, isList ? ContextKeyValues : (value as string)] as const
  }
}

const DECISIONS = {
  allow: 'allowed',
  'explicit-deny': 'explicitDeny',
  'implicit-deny': 'implicitDeny',
  'too-costly': 'implicitDeny',
} as const

function resultOf({ action, resource }: Question, decision: Explanation): EvaluationResult {
  const boundary = decision.trace.find(({ layer }) => layer === 'boundary')
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: DECISIONS[decision.verdict],
    MatchedStatements: matchedStatements(decision),
    MissingContextValues: missingKeys(decision),
    ...(boundary && {
      PermissionsBoundaryDecisionDetail: {
        AllowedByPermissionsBoundary: boundary.outcome === 'allows',
      },
    }),
  }
}

/** The statements that decided: those that allow an allowed call, those that deny a denied one. */
function matchedStatements({ verdict, statements }: Explanation): Statement[] {
  const effect = verdict === 'allow' ? 'Allow' : verdict === 'explicit-deny' ? 'Deny' : undefined
  return statements
    .filter((statement) => statement.matches && statement.effect === effect)
    .map(({ statement }) => {
      const type = 'IAM Policy' as Statement['SourcePolicyType']
      return { SourcePolicyId: statement.policy, SourcePolicyType: type }
    })
}

/** Keys that conditions ask for and the request does not have, where nothing else keeps them from mattering. */
function missingKeys({ statements }: Explanation): string[] {
  const keys = statements
    .filter(({ action, resource, principal }) => action && resource && principal?.length !== 0)
    .flatMap(({ conditions }) => conditions.filter(({ missing }) => missing))
    .map(({ key }) => key)
  return [...new Set(keys)]
}
