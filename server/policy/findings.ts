// What every layer of policies says to one request: who is asked, and who is left out.
// After: IAM User Guide, "Policy evaluation logic"; AWS Organizations User Guide, "Service control
// policies" and "Resource control policies" (what they do not restrict); AWS STS GetFederationToken.
import type {
  AuthorizationRequest,
  CallerPolicies,
  ControlPolicies,
  MatchedGrant,
} from './authorization-request.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import type { LayerTrace } from './decision.ts'
import type { Finding } from './layer-finding.ts'
import { consult, consultLevels, consultResource } from './layer-finding.ts'
import type { Principal } from './principal.ts'
import type { Question } from './statement-match.ts'

/** What the layers say. Undefined: there is no such policy, or it does not restrict this caller. */
export type Findings = {
  readonly serviceControl: Finding | undefined
  readonly endpoint: Finding | undefined
  readonly identity: Finding
  readonly boundary: Finding | undefined
  readonly session: Finding | undefined
  readonly resourceControl: Finding | undefined
  readonly resource: Finding | undefined
  readonly grants: readonly MatchedGrant[]
}

/** Asks every layer, also when one has denied already: the trace is the same for every outcome. */
export function consultLayers(request: AuthorizationRequest, question: Question): Findings {
  const { principal, policies, demand } = request
  const { identity, boundary, endpoint, serviceControl } = policies
  const caller = restricting(serviceControl, principal, accountOf(principal))
  const owner = restricting(demand.resourceControl, principal, demand.account)
  const session = sessionPolicies(principal, policies)
  const resource = 'policy' in demand ? demand.policy : undefined
  return {
    serviceControl: caller && consultLevels('service-control', caller, question),
    endpoint: endpoint && consult('endpoint', [endpoint], question),
    identity: consult('identity', identity, question),
    boundary: boundary && consult('boundary', [boundary], question),
    session: session && consult('session', session, question),
    resourceControl: owner && consultLevels('resource-control', owner, question),
    resource: resource && consultResource(resource, question),
    grants: grantsFor(principal, 'grants' in demand ? demand.grants : []),
  }
}

/** The layers that were asked, the caller's own side first: its denials may be told to the caller. */
export function consulted(findings: Findings): readonly Finding[] {
  const { serviceControl, endpoint, identity, boundary, session } = findings
  const { resourceControl, resource } = findings
  const layers = [serviceControl, endpoint, identity, boundary, session, resourceControl, resource]
  return layers.filter((finding) => finding !== undefined)
}

/** The layers as a decision shows them. */
export function traceOf(findings: Findings): readonly LayerTrace[] {
  const trace = consulted(findings).map(({ layer, denied, allowed, kinds }): LayerTrace => {
    const outcome = denied ? 'denies' : allowed ? 'allows' : 'silent'
    return { layer, outcome, statement: denied ?? allowed, kinds: [...kinds.keys()], grants: [] }
  })
  if (findings.grants.length === 0) return trace
  const grants = findings.grants.map(({ id }) => id)
  return [...trace, { layer: 'grant', outcome: 'allows', statement: undefined, kinds: [], grants }]
}

/** The account a principal acts in; services, providers and strangers act in none. */
export function accountOf(principal: Principal): string | undefined {
  return 'account' in principal ? principal.account : undefined
}

/** A grant to a service is no account principal's, whatever was handed in, and the other way round. */
function grantsFor(principal: Principal, grants: readonly MatchedGrant[]): readonly MatchedGrant[] {
  return grants.filter(({ grantee }) => (grantee === 'service') === (principal.kind === 'service'))
}

/** SCPs and RCPs, where they restrict this caller or this resource. */
function restricting(
  control: ControlPolicies | undefined,
  principal: Principal,
  account: string | undefined,
): ControlPolicies | undefined {
  if (account === undefined || account === control?.managementAccount) return undefined
  const linked = principal.kind === 'role-session' && principal.role === 'service-linked'
  return linked ? undefined : control
}

/** A federated user made without a session policy has none of its user's permissions. */
function sessionPolicies(
  principal: Principal,
  { session }: CallerPolicies,
): readonly CompiledPolicy[] | undefined {
  return session ?? (principal.kind === 'federated-user' ? [] : undefined)
}
