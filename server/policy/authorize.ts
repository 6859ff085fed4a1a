// Decides whether a demand is allowed. Explicit denies win wherever they stand; what remains is a
// matter of unions and intersections, so that the order below matters for the explanation only.
//
//   denies of every layer → SCPs → endpoint → RCPs → the rule of access (access-rule.ts)
//
// After: IAM User Guide, "Policy evaluation logic" and "How AWS enforcement code logic evaluates
// requests to allow or deny access".
import type { Access } from './access-rule.ts'
import { access, callersGap } from './access-rule.ts'
import { requestedAction } from './action-matcher.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { Context, ContextEntry } from './context.ts'
import type { Decision, Layer, Told } from './decision.ts'
import type { Findings } from './findings.ts'
import { accountOf, consulted, consultLayers, traceOf } from './findings.ts'
import type { Finding } from './layer-finding.ts'
import type { Principal } from './principal.ts'
import { identify } from './principal-matcher.ts'
import { requestedResource } from './resource-matcher.ts'
import type { Question, StatementTrace } from './statement-match.ts'
import type { Steps } from './steps.ts'
import { STEPS_PER_CHARACTER, StepsExceededError, stepsFor } from './steps.ts'

/** A decision with every statement that was looked at. For the owner of the policies, not the caller. */
export type Explanation = Decision & { readonly statements: readonly StatementTrace[] }

/** Decides. Never throws; costs at most `stepsFor` the characters handed in. */
export function authorize(request: AuthorizationRequest): Decision {
  return decide(request, undefined)
}

/** Decides by the same code, and tells how each statement matched. */
export function explain(request: AuthorizationRequest): Explanation {
  const statements: StatementTrace[] = []
  return { ...decide(request, statements), statements }
}

function decide(request: AuthorizationRequest, record: StatementTrace[] | undefined): Decision {
  const { principal, policies, demand } = request
  if (demand.authority === 'anyone') {
    return { ...undecided(request), ...ALLOWED, layer: undefined }
  }
  // Recording looks at everything twice, and to the end.
  const looks = record === undefined ? 1 : 4
  const steps = stepsFor(charactersOf(request) * looks)
  const question: Question = {
    caller: identify(principal, policies.boundary !== undefined),
    action: requestedAction(demand.action),
    resource: requestedResource(demand.resource),
    context: new CountedContext(demand.context, looks, steps),
    steps,
    record,
  }
  try {
    return weigh(request, consultLayers(request, question))
  } catch (error) {
    if (error instanceof StepsExceededError) return undecided(request)
    throw error
  }
}

/** What stands until something is decided: a denial without a reason. */
function undecided({ principal, demand }: AuthorizationRequest): Decision {
  const crossAccount = principal.kind !== 'service' && accountOf(principal) !== demand.account
  return {
    allowed: false,
    verdict: 'too-costly',
    layer: undefined,
    statement: undefined,
    grant: undefined,
    crossAccount,
    told: { kind: 'concealed' },
    trace: [],
  }
}

const ALLOWED = { allowed: true, verdict: 'allow', told: { kind: 'nothing' } } as const

function weigh(request: AuthorizationRequest, findings: Findings): Decision {
  const { principal, demand } = request
  const denying = consulted(findings).find(({ denied }) => denied !== undefined)
  if (denying !== undefined) return deny(request, findings, denying.layer, denying)
  const { serviceControl, endpoint, resourceControl } = findings
  const gap = [serviceControl, endpoint, resourceControl].find(isSilent)
  if (gap !== undefined) return deny(request, findings, gap.layer)
  const outcome: Access = access(principal, demand, findings)
  if (!outcome.allowed) return deny(request, findings, outcome.layer)
  const { layer, statement, grant } = outcome
  return { ...undecided(request), ...ALLOWED, layer, statement, grant, trace: traceOf(findings) }
}

/** A denial by a layer's explicit deny, or for want of its allow. */
function deny(
  request: AuthorizationRequest,
  findings: Findings,
  layer: Layer,
  explicit?: Finding,
): Decision {
  const decision = undecided(request)
  const own: Told = { kind: 'layer', explicit: explicit !== undefined, layer }
  const foreign = decision.crossAccount && (layer === 'resource' || layer === 'resource-control')
  return {
    ...decision,
    verdict: explicit ? 'explicit-deny' : 'implicit-deny',
    layer,
    statement: explicit?.denied,
    told: foreign ? tellStranger(request.principal, findings) : own,
    trace: traceOf(findings),
  }
}

/** Across accounts, what the resource's side says is hidden behind what the caller's own side lacks. */
function tellStranger(principal: Principal, findings: Findings): Told {
  if (accountOf(principal) === undefined) return { kind: 'concealed' }
  const { serviceControl, endpoint } = findings
  const gap = [serviceControl, endpoint].find(isSilent)?.layer ?? callersGap(principal, findings)
  return gap ? { kind: 'layer', explicit: false, layer: gap } : { kind: 'concealed' }
}

function isSilent(finding: Finding | undefined): boolean {
  return finding !== undefined && finding.allowed === undefined
}

/** The context, whose characters count once a policy asks for one of its keys, each of them once. */
// A class: of an object literal with a getter V8 makes a shape of its own each time, in old space, which
// keeps what the getter refers to, all of a request, until the next full collection.
class CountedContext implements Context {
  readonly #context: Context
  readonly #looks: number
  readonly #steps: Steps
  #counted = 0

  constructor(context: Context, looks: number, steps: Steps) {
    this.#context = context
    this.#looks = looks
    this.#steps = steps
  }

  get length(): number {
    return this.#context.length
  }

  get(name: string): ContextEntry | undefined {
    const entry = this.#context.get(name)
    // Asking may have made it longer.
    const { length } = this.#context
    this.#steps.left += STEPS_PER_CHARACTER * (length - this.#counted) * this.#looks
    this.#counted = length
    return entry
  }
}

/** What a decision's work is measured against, but for the context. */
function charactersOf({ policies, demand }: AuthorizationRequest): number {
  const { identity, boundary, session, serviceControl, endpoint } = policies
  const resource = 'policy' in demand ? demand.policy : undefined
  const levels = [...(serviceControl?.levels ?? []), ...(demand.resourceControl?.levels ?? [])]
  let characters = demand.action.length + demand.resource.length
  for (const policy of [boundary, endpoint, resource]) characters += policy?.length ?? 0
  for (const list of [identity, session ?? [], ...levels]) {
    for (const policy of list) characters += policy.length
  }
  return characters
}
