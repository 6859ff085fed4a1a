// The rule of access once nothing denies explicitly: which allows are needed, and which suffice.
// After: IAM User Guide, "Policy evaluation for requests within a single account", "Cross-account
// policy evaluation logic"; KMS Developer Guide, "Default key policy", "Grants in AWS KMS".
import type { Demand, MatchedGrant } from './authorization-request.ts'
import type { StatementReference } from './compiled-policy.ts'
import type { Layer } from './decision.ts'
import type { Findings } from './findings.ts'
import type { AccountPrincipal, Principal, PrincipalKind } from './principal.ts'

/** Allowed by a layer (undefined: by being the root user), or the layer whose allow is missing. */
export type Access =
  | {
      readonly allowed: true
      readonly layer: Layer | undefined
      readonly statement?: StatementReference | undefined
      readonly grant?: string
    }
  | { readonly allowed: false; readonly layer: Layer }

/** Decides what no explicit deny has decided. */
export function access(principal: Principal, demand: Demand, findings: Findings): Access {
  switch (principal.kind) {
    case 'service':
      return (
        byKind(findings, ['SERVICE', 'STAR']) ??
        byGrant(findings, ({ grantee }) => grantee === 'service') ??
        lacking('resource')
      )
    case 'federated-identity':
      // Only a trust policy that names the provider: `*` means AWS principals there. [J]
      return byKind(findings, ['FEDERATED']) ?? lacking('resource')
    case 'anonymous': {
      const open = demand.authority === 'either' && !demand.publicAccessBlocked
      return (open ? byKind(findings, ['STAR']) : undefined) ?? lacking('resource')
    }
    default:
      if (demand.authority === 'grant') return ofTheGrant(principal, demand, findings)
      if (principal.kind === 'root-user') return rootUser(principal, demand, findings)
      return principal.account === demand.account
        ? sameAccount(principal, demand, findings)
        : crossAccount(principal, findings)
  }
}

/** The layer of the caller's own policies that does not allow, in the order AWS names them. */
export function callersGap(principal: Principal, findings: Findings): Layer | undefined {
  const { identity, boundary, session } = findings
  if (principal.kind === 'root-user') return undefined
  return (
    limitingGap({ boundary, session }) ?? (identity.allowed === undefined ? 'identity' : undefined)
  )
}

/** What limits a role that is allowed directly: its boundary and its session policy. */
function limitingGap({
  boundary,
  session,
}: Pick<Findings, 'boundary' | 'session'>): Layer | undefined {
  if (boundary !== undefined && boundary.allowed === undefined) return 'boundary'
  return session !== undefined && session.allowed === undefined ? 'session' : undefined
}

function sameAccount(principal: AccountPrincipal, demand: Demand, findings: Findings): Access {
  const direct = directly(principal, findings)
  if (direct !== undefined) return direct
  const granted = byGrant(
    findings,
    (grant) => grant.issuer === demand.account && grantSuffices(principal, grant, findings),
  )
  if (granted !== undefined) return granted
  const gap = callersGap(principal, findings)
  if (demand.authority !== 'delegation') return gap ? lacking(gap) : byIdentity(findings)
  const delegated = delegates(findings) || findings.grants.length > 0
  if (delegated) return gap ? lacking(gap) : byIdentityOrGrant(findings)
  // Named as a role, and held back by its own boundary or session policy: say so.
  const limit = findings.resource?.kinds.size ? limitingGap(findings) : undefined
  return lacking(limit ?? 'resource')
}

/** Both sides must allow. The caller's side is looked at first, so that a denial tells no secrets. */
function crossAccount(principal: AccountPrincipal, findings: Findings): Access {
  // A grant the caller's own account made from one it holds speaks for the caller's side as well. [N]
  const own = byGrant(
    findings,
    (grant) => grant.issuer === principal.account && grantSuffices(principal, grant, findings),
  )
  if (own !== undefined) return own
  const gap = callersGap(principal, findings)
  if (gap !== undefined) return lacking(gap)
  if (findings.resource?.allowed === undefined && findings.grants.length === 0) {
    return lacking('resource')
  }
  return byIdentityOrGrant(findings)
}

function rootUser(principal: AccountPrincipal, demand: Demand, findings: Findings): Access {
  const atHome = principal.account === demand.account
  if (atHome && demand.authority !== 'delegation') return { allowed: true, layer: undefined }
  return (
    byKind(findings, ['ACCOUNT', 'CANONICAL', 'STAR']) ??
    byGrant(findings, ({ grantee }) => grantee === 'account') ??
    lacking('resource')
  )
}

/** RetireGrant: whoever the grant names, or who may in the account that issued it. */
function ofTheGrant(principal: AccountPrincipal, demand: Demand, findings: Findings): Access {
  const atHome = principal.account === demand.account
  const gap = callersGap(principal, findings)
  const named = byGrant(findings, ({ grantee }) =>
    grantee === 'account' ? gap === undefined : !limits(principal, grantee, findings),
  )
  if (named !== undefined) return named
  if (!atHome || gap !== undefined) return lacking(gap ?? 'resource')
  return principal.kind === 'root-user' ? { allowed: true, layer: undefined } : byIdentity(findings)
}

/** In one account: what the resource policy allows without any identity policy. */
function directly(principal: AccountPrincipal, findings: Findings): Access | undefined {
  const direct = byKind(findings, ['STAR', 'SESSION'])
  if (direct !== undefined) return direct
  for (const kind of ['USER', 'ROLE'] as const) {
    const statement = findings.resource?.kinds.get(kind)
    const limited = limits(principal, kind === 'ROLE' ? 'role' : 'user', findings)
    if (statement !== undefined && !limited) return { allowed: true, layer: 'resource', statement }
  }
  return undefined
}

/** Whether a grant allows its grantee by itself, as a key policy naming it would. */
function grantSuffices(
  principal: AccountPrincipal,
  grant: MatchedGrant,
  findings: Findings,
): boolean {
  // To an account: that account's identity policies decide, as with a delegation. [J]
  if (grant.grantee === 'account' || grant.grantee === 'service') return false
  return !limits(principal, grant.grantee, findings)
}

/**
 * Whether boundary and session policy hold back what names the caller so. A session named exactly
 * and a user are not held back; a role is, and so is a federated user by what its user was given.
 */
function limits(
  principal: AccountPrincipal,
  named: MatchedGrant['grantee'],
  findings: Findings,
): boolean {
  const indirect = named === 'role' || (named === 'user' && principal.kind !== 'user')
  return indirect && limitingGap(findings) !== undefined
}

function delegates({ resource }: Findings): boolean {
  return (
    resource !== undefined && (resource.kinds.has('ACCOUNT') || resource.kinds.has('CANONICAL'))
  )
}

function byKind({ resource }: Findings, kinds: readonly PrincipalKind[]): Access | undefined {
  for (const kind of kinds) {
    const statement = resource?.kinds.get(kind)
    if (statement !== undefined) return { allowed: true, layer: 'resource', statement }
  }
  return undefined
}

function byGrant(
  { grants }: Findings,
  suffices: (grant: MatchedGrant) => boolean,
): Access | undefined {
  const grant = grants.find(suffices)
  return grant && { allowed: true, layer: 'grant', grant: grant.id }
}

function byIdentity({ identity }: Findings): Access {
  return { allowed: true, layer: 'identity', statement: identity.allowed }
}

/** The identity policy allows, on the strength of the resource policy or else of a grant. */
function byIdentityOrGrant(findings: Findings): Access {
  const [grant] = findings.grants
  if (findings.resource?.allowed !== undefined || grant === undefined) return byIdentity(findings)
  return { allowed: true, layer: 'identity', statement: findings.identity.allowed, grant: grant.id }
}

function lacking(layer: Layer): Access {
  return { allowed: false, layer }
}
