// Which kinds of match a statement's Principal or NotPrincipal element has with a caller.
// After: IAM User Guide, "AWS JSON policy elements: Principal", "AWS JSON policy elements:
// NotPrincipal", "Permissions boundaries for IAM entities" (NotPrincipal and boundaries).
import type { NamedPrincipals } from './policy-document.ts'
import type { KnownName, Principal, PrincipalKind } from './principal.ts'
import { knownNames } from './principal.ts'
import type { Steps } from './steps.ts'
import { spend } from './steps.ts'

/** The caller as statements look at it; made once per decision. */
export type Identified = {
  readonly principal: Principal
  readonly names: readonly KnownName[]
  /** A boundary makes every Deny with NotPrincipal hit. */
  readonly hasBoundary: boolean
}

export function identify(principal: Principal, hasBoundary: boolean): Identified {
  return { principal, names: knownNames(principal), hasBoundary }
}

/** The kinds of match, none where the statement does not speak about the caller. */
export type PrincipalMatcher = (caller: Identified, steps: Steps) => readonly PrincipalKind[]

const NONE: readonly PrincipalKind[] = []
const STAR: readonly PrincipalKind[] = ['STAR']

/** Compiles the element; the policy's names become one set. */
export function principalMatcher(principals: NamedPrincipals): PrincipalMatcher {
  const named = new Set(principals.names.map(({ type, name }) => `${type} ${name}`))
  if (principals.not) {
    return (caller, steps) => {
      spend(steps, 1 + caller.names.length)
      return isExempt(named, caller) ? NONE : STAR
    }
  }
  const star = named.has('AWS *')
  if (star && named.size === 1) return () => STAR
  return (caller, steps) => {
    spend(steps, 1 + caller.names.length)
    const kinds: PrincipalKind[] = star ? ['STAR'] : []
    for (const [name, kind] of caller.names) {
      if (named.has(name) && !kinds.includes(kind)) kinds.push(kind)
    }
    return kinds
  }
}

/**
 * A Deny with NotPrincipal spares a caller only if everything it acts as is listed: a session with
 * its role and its account, a user with its account. For federated users AWS says nothing: all three. [J]
 */
function isExempt(
  named: ReadonlySet<string>,
  { principal, names, hasBoundary }: Identified,
): boolean {
  if (hasBoundary || principal.kind === 'anonymous') return false
  const needed = NEEDED[principal.kind]
  return needed.every((kind) => names.some((name) => name[1] === kind && named.has(name[0])))
}

const NEEDED: Readonly<Record<Exclude<Principal['kind'], 'anonymous'>, readonly PrincipalKind[]>> =
  {
    'root-user': ['ACCOUNT'],
    user: ['USER', 'ACCOUNT'],
    'role-session': ['SESSION', 'ROLE', 'ACCOUNT'],
    'federated-user': ['SESSION', 'USER', 'ACCOUNT'],
    'federated-identity': ['FEDERATED'],
    service: ['SERVICE'],
  }
