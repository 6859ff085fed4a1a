// Who makes a request, under which names policies know them, and the context keys that follow.
// After: IAM User Guide, "AWS JSON policy elements: Principal", "Principal key values" (the table of
// what aws:PrincipalArn, aws:userid and aws:PrincipalType hold for each kind of principal).
import { splitArn } from './arn.ts'
import type { ContextValue } from './context.ts'

type InAccount = { readonly account: string; readonly canonicalUserId?: string }

export type RootUser = InAccount & { readonly kind: 'root-user'; readonly arn: string }
export type User = InAccount & {
  readonly kind: 'user'
  /** With its path. */
  readonly arn: string
  /** AIDA…: a recreated user of the same name has another. */
  readonly id: string
  readonly name: string
}
export type RoleSession = InAccount & {
  readonly kind: 'role-session'
  /** arn:aws:sts::A:assumed-role/<role name>/<session>: without the role's path. */
  readonly arn: string
  /** The role's own ARN, with its path: what aws:PrincipalArn holds. */
  readonly roleArn: string
  /** AROA… */
  readonly roleId: string
  readonly sessionName: string
  /**
   * `service-linked`: a role in the customer's account that SCPs and RCPs leave alone.
   * `service-owned`: a session AWS runs for a resource (aws:ec2-infrastructure); it counts as an AWS
   * service, so that policies with aws:PrincipalIsAWSService let an attached volume work. [J]
   */
  readonly role: 'customer' | 'service-linked' | 'service-owned'
}
/** A session of GetFederationToken: the user's permissions, cut by its session policy. */
export type FederatedUser = InAccount & {
  readonly kind: 'federated-user'
  readonly arn: string
  readonly name: string
  readonly userArn: string
  readonly userId: string
}
/** The caller of AssumeRoleWithWebIdentity or AssumeRoleWithSAML; trust policies only. */
export type FederatedIdentity = { readonly kind: 'federated-identity'; readonly provider: string }
export type ServicePrincipal = {
  readonly kind: 'service'
  readonly name: string
  /** All its names, regional ones included. */
  readonly names: readonly string[]
}
export type Anonymous = { readonly kind: 'anonymous' }

export type AccountPrincipal = RootUser | User | RoleSession | FederatedUser
export type Principal = AccountPrincipal | FederatedIdentity | ServicePrincipal | Anonymous

/** How a statement's Principal element came to match; what follows from it differs by kind. */
export type PrincipalKind =
  | 'STAR'
  | 'USER'
  | 'SESSION'
  | 'ROLE'
  | 'ACCOUNT'
  | 'SERVICE'
  | 'FEDERATED'
  | 'CANONICAL'

/** One name a policy may call the principal by: the type in front keeps namespaces apart. */
export type KnownName = readonly [name: string, kind: PrincipalKind]

/** All names of a principal except `*`. */
export function knownNames(principal: Principal): readonly KnownName[] {
  switch (principal.kind) {
    case 'root-user':
      return accountNames(principal)
    case 'user':
      return [
        [`AWS ${principal.arn}`, 'USER'],
        [`AWS ${principal.id}`, 'USER'],
        ...accountNames(principal),
      ]
    case 'role-session':
      return [
        [`AWS ${principal.arn}`, 'SESSION'],
        [`AWS ${sessionId(principal)}`, 'SESSION'],
        [`AWS ${principal.roleArn}`, 'ROLE'],
        [`AWS ${principal.roleId}`, 'ROLE'],
        ...accountNames(principal),
      ]
    case 'federated-user':
      return [
        [`AWS ${principal.arn}`, 'SESSION'],
        [`AWS ${principal.userArn}`, 'USER'],
        [`AWS ${principal.userId}`, 'USER'],
        ...accountNames(principal),
      ]
    case 'federated-identity':
      return [[`Federated ${principal.provider}`, 'FEDERATED']]
    case 'service':
      return [principal.name, ...principal.names].map((name) => [`Service ${name}`, 'SERVICE'])
    case 'anonymous':
      return []
  }
}

/** What aws:userid holds; a session of a role made anew under the same name has another one. */
export function sessionId({ roleId, sessionName }: RoleSession): string {
  return `${roleId}:${sessionName}`
}

function accountNames({ arn, account, canonicalUserId }: AccountPrincipal): KnownName[] {
  const partition = splitArn(arn)?.[1] ?? 'aws'
  const names: KnownName[] = [
    [`AWS ${account}`, 'ACCOUNT'],
    [`AWS arn:${partition}:iam::${account}:root`, 'ACCOUNT'],
  ]
  if (canonicalUserId !== undefined) names.push([`CanonicalUser ${canonicalUserId}`, 'CANONICAL'])
  return names
}

/** The context keys that follow from the principal alone. Tags are added by `principalTags`. */
export function principalKeys(principal: Principal): [key: string, value: ContextValue][] {
  return [['aws:PrincipalIsAWSService', String(isService(principal))], ...ownKeys(principal)]
}

/** Whether AWS itself asks: no request from a network stands behind that. */
export function isService(principal: Principal): boolean {
  return (
    principal.kind === 'service' ||
    (principal.kind === 'role-session' && principal.role === 'service-owned')
  )
}

function ownKeys(principal: Principal): [key: string, value: ContextValue][] {
  switch (principal.kind) {
    case 'root-user':
      return inAccount(principal, principal.arn, 'Account', principal.account)
    case 'user':
      return [
        ...inAccount(principal, principal.arn, 'User', principal.id),
        ['aws:username', principal.name],
      ]
    case 'role-session':
      return inAccount(principal, principal.roleArn, 'AssumedRole', sessionId(principal))
    case 'federated-user': {
      const userId = `${principal.account}:${principal.name}`
      return inAccount(principal, principal.arn, 'FederatedUser', userId)
    }
    case 'federated-identity':
      return []
    case 'service':
      return [
        ['aws:PrincipalType', 'Service'], // [M]
        ['aws:PrincipalServiceName', principal.name],
        ['aws:PrincipalServiceNamesList', [...new Set([principal.name, ...principal.names])]],
      ]
    case 'anonymous':
      return [
        ['aws:PrincipalType', 'Anonymous'],
        ['aws:userid', 'anonymous'],
      ]
  }
}

function inAccount(
  { account }: AccountPrincipal,
  arn: string,
  type: string,
  userId: string,
): [key: string, value: ContextValue][] {
  return [
    ['aws:PrincipalArn', arn],
    ['aws:PrincipalAccount', account],
    ['aws:PrincipalType', type],
    ['aws:userid', userId],
  ]
}
