// What every question of the decision corpus needs on a real server, and why some cannot be put to one.
import type { ContextValue } from '../../../policy/context.ts'
import type { Principal } from '../../../policy/principal.ts'
import type { NamedDemand, NamedScene } from '../../../policy/testing/corpus.ts'
import { caseFiles, policyOf, principals } from '../../../policy/testing/corpus.ts'
import type { Document } from '../../../policy/testing/scene.ts'

type Keys = Readonly<Record<string, ContextValue>>

/** What one call needs to be allowed, and the resource's policy that is asked. */
export type PlannedDemand = {
  readonly action: string
  readonly resource: string
  readonly authority: string
  readonly policy: Document | undefined
  /** The grants that must match, by the corpus. */
  readonly grants: readonly NonNullable<NamedDemand['grants']>[number][]
  readonly context: Keys
  /** Nothing, where the call has been denied before. */
  readonly verdict: string | undefined
}

export type PlannedGrant = {
  readonly grantee: string
  readonly issuer?: string
  readonly operations: readonly string[]
  readonly constraints?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export type Question = {
  /** `14.2`: the second question of case 14. */
  readonly label: string
  readonly sentence: string
  readonly principal: Principal
  readonly identity: readonly Document[]
  readonly boundary: Document | undefined
  readonly session: Document | undefined
  readonly hasControlPolicies: boolean
  readonly demands: readonly PlannedDemand[]
  readonly grants: readonly PlannedGrant[]
  readonly verdict: string
  /** The action and the resource that the refusal names, where the corpus says. */
  readonly denied: readonly [action: string, resource: string | undefined] | undefined
}

/** What calls to this server demand; iam:PassRole is part of other services' calls. */
const SERVED = /^(kms|sts|iam):(?!PassRole$)/

export const questions: readonly Question[] = caseFiles.flatMap(([, file]) =>
  file.cases.flatMap(({ number, sentence, given, asks }) =>
    asks.map(({ sentence: detail, expect, ...over }, index): Question => {
      const scene: NamedScene = { ...given, ...over }
      const policy = (name: unknown) => policyOf(file, name as string)
      const optional = (name: unknown) => (name == null ? undefined : policy(name))
      const resource = (name: string) => file.resources[name] ?? name
      const named = scene.demands as NamedDemand[]
      const places = named.map((demand) => ({ ...demand, resource: resource(demand.resource) }))
      const { verdict, denied, deniedOn } = expect
      const on = deniedOn === undefined ? undefined : resource(deniedOn)
      const deniedAt =
        verdict === 'allow'
          ? places.length
          : places.findIndex(
              (demand) =>
                (denied === undefined || demand.action === denied) &&
                (on === undefined || demand.resource === on),
            )
      const demands = places.map((demand, at) => ({
        action: demand.action,
        resource: demand.resource,
        authority: demand.authority ?? 'delegation',
        policy: optional(demand.policy),
        grants: demand.grants ?? [],
        context: { ...(scene.context as Keys | undefined), ...demand.context },
        verdict: at < deniedAt ? 'allow' : at === deniedAt ? verdict : undefined,
      }))
      const [session] = (scene.session ?? []) as unknown[]
      return {
        label: `${number}.${index + 1}`,
        sentence: detail === undefined ? sentence : `${sentence}: ${detail}`,
        principal: principals[scene.principal as string] as Principal,
        identity: ((scene.identity ?? []) as unknown[]).map(policy),
        boundary: optional(scene.boundary),
        session: optional(session),
        hasControlPolicies: scene.serviceControl != null,
        demands,
        grants: grantsOf(scene, demands),
        verdict,
        denied: denied === undefined || expect.told === 'concealed' ? undefined : [denied, on],
      }
    }),
  ),
)

type NamedGrant = PlannedGrant & { readonly id: string }

/** The grants to make: those on the key, and those that match where only that is said. */
function grantsOf(scene: NamedScene, demands: readonly PlannedDemand[]): PlannedGrant[] {
  const matched = demands.flatMap(({ grants }) => grants)
  const onKey = scene.grantsOnKey as NamedGrant[] | undefined
  if (onKey !== undefined) {
    return onKey.map((grant) => ({ ...grant, ...matched.find(({ id }) => id === grant.id) }))
  }
  // RetireGrant names a grant, be it one that names somebody else.
  if (matched.length === 0 && demands[0]?.authority === 'grant') {
    return [{ grantee: 'somebody else', operations: ['Decrypt'] }]
  }
  return matched.map(({ grantee, issuer }) => ({ grantee, issuer, operations: ['Decrypt'] }))
}

/** Why no call can put the question to enforcement, or nothing. */
export function whyNotEnforced(question: Question): string | undefined {
  const { principal, demands } = question
  if (isService(principal)) return 'a service calls by itself'
  if (question.hasControlPolicies) return 'there are no service control policies'
  const served = demands.filter(({ action }) => SERVED.test(action))
  if (served.length === 0) return 'the service is not served here'
  for (const [key, value] of served.flatMap(({ context }) => Object.entries(context))) {
    if (key === 'aws:CurrentTime') return 'a call comes now'
    if (key === 'aws:SourceIp') return 'a call comes from the loopback address'
    if (key === 'kms:ViaService') return 'no service calls for somebody'
    if (key === 'kms:GrantIsForAWSResource' && value === 'true')
      return 'no service calls for somebody'
  }
  return undefined
}

/** Why the question cannot be put to SimulatePrincipalPolicy, or nothing. */
export function whyNotSimulated(question: Question): string | undefined {
  const { principal, demands } = question
  const isHeld = principal.kind === 'user' || principal.kind === 'role-session'
  if (!isHeld || isService(principal)) return 'only users, groups and roles are simulated'
  if (question.hasControlPolicies) return 'there are no service control policies'
  if (question.session !== undefined) return 'no session policy can be given'
  if (JSON.stringify(demands).includes(':assumed-role/')) return 'no session can be named'
  if (demands.some(({ grants }) => grants.length > 0)) return 'no grant can be given'
  if (demands.some(({ authority, policy }) => authority === 'delegation' && policy === undefined)) {
    return 'a key that is not there cannot be given'
  }
  return undefined
}

/** What a call to this server demands; the other services of a question are not there. */
export function servedDemands({ demands }: Question): readonly PlannedDemand[] {
  return demands.filter(({ action }) => SERVED.test(action))
}

function isService(principal: Principal): boolean {
  return (
    principal.kind === 'service' ||
    (principal.kind === 'role-session' && principal.role === 'service-owned')
  )
}
