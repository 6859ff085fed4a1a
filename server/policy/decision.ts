// The answer to one demand, and why.
// After: IAM User Guide, "Troubleshoot access denied error messages".
import type { StatementReference } from './compiled-policy.ts'
import type { PrincipalKind } from './principal.ts'

/** The kinds of policy that take part, in AWS's order of evaluation; grants are a layer of their own. */
export type Layer =
  | 'service-control'
  | 'resource-control'
  | 'endpoint'
  | 'resource'
  | 'grant'
  | 'identity'
  | 'boundary'
  | 'session'

/** `too-costly`: the decision needed more work than its input may cost, and is a denial. */
export type Verdict = 'allow' | 'explicit-deny' | 'implicit-deny' | 'too-costly'

export type Decision = {
  readonly allowed: boolean
  readonly verdict: Verdict
  /**
   * Which layer allowed or denied, or which one's allow is missing. Undefined where no policy was
   * needed (a root user in its own account, `anyone`) and where the work bound was reached.
   */
  readonly layer: Layer | undefined
  /** The statement that decided, where one did. */
  readonly statement: StatementReference | undefined
  /** The grant that allowed. */
  readonly grant: string | undefined
  /** The caller and the resource belong to different accounts. */
  readonly crossAccount: boolean
  /** What a denied caller may be told: see `Told`. */
  readonly told: Told
  /** Every layer that was consulted, in order. Names no condition values. */
  readonly trace: readonly LayerTrace[]
}

/**
 * `nothing`: it was allowed. `concealed`: the reason lies with a resource of another account, whose
 * very existence is not the caller's to know. Otherwise the layer that is named to the caller.
 */
export type Told =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'concealed' }
  | { readonly kind: 'layer'; readonly explicit: boolean; readonly layer: Layer }

export type LayerTrace = {
  readonly layer: Layer
  readonly outcome: 'denies' | 'allows' | 'silent'
  readonly statement: StatementReference | undefined
  /** How the resource policy names the caller. */
  readonly kinds: readonly PrincipalKind[]
  /** Grants that matched. */
  readonly grants: readonly string[]
}

const WORDS: Readonly<Record<Exclude<Layer, 'grant'>, string>> = {
  'service-control': 'service control policy',
  'resource-control': 'resource control policy',
  endpoint: 'VPC endpoint policy',
  resource: 'resource-based policy',
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
}

const CONCEALED =
  'because the resource does not exist in this Region, no resource-based policies allow access, ' +
  'or a resource-based policy explicitly denies access'

/**
 * AWS's sentence to a denied caller. A caller of another account reads the same words whether the
 * resource is missing, silent or denies.
 */
export function denialMessage(
  decision: Decision,
  request: { readonly caller: string; readonly action: string; readonly resource: string },
): string {
  const { told } = decision
  const { caller, action, resource } = request
  const who = `User: ${caller} is not authorized to perform: ${action}`
  if (told.kind === 'concealed') return `${who} on this resource ${CONCEALED}`
  const denied = `${who} on resource: ${resource}`
  if (told.kind === 'nothing' || told.layer === 'grant') return denied
  const words = WORDS[told.layer]
  if (!told.explicit) return `${denied} because no ${words} allows the ${action} action`
  const article = /^[aeiou]/.test(words) ? 'an' : 'a'
  return `${denied} with an explicit deny in ${article} ${words}`
}
