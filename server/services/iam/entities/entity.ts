// Users, groups, roles and customer managed policies: what an account's IAM consists of.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html

export type Tag = { readonly key: string; readonly value: string }
export type InlinePolicy = { readonly name: string; readonly document: string }

type Named = {
  readonly account: string
  /** AIDA…, AGPA…, AROA…, ANPA…: dies with its owner, whoever has the name afterwards. */
  readonly id: string
  /** Unique among its kind in the account, whatever the case of its letters. */
  readonly name: string
  /** `/`, or `/division/team/`. */
  readonly path: string
  /** Counts the changes of the entity. */
  readonly version: number
  readonly createdAtMs: number
}

/** Whoever policies are attached to. */
type Holder = Named & {
  readonly inline: readonly InlinePolicy[]
  /** ARNs of managed policies, customer's and AWS's. */
  readonly attached: readonly string[]
}

/** Who may be held back by a permissions boundary, and whose tags policies ask for. */
type Bounded = Holder & {
  /** The ARN of a managed policy. */
  readonly boundary: string | undefined
  readonly tags: readonly Tag[]
}

export type User = Bounded & {
  readonly kind: 'user'
  /** Ids of the groups that the user is in. */
  readonly groups: readonly string[]
}

export type Group = Holder & { readonly kind: 'group' }

export type Role = Bounded & {
  readonly kind: 'role'
  readonly description: string | undefined
  /** With unique ids in place of the ARNs of users and roles: see `policies/trust-policy.ts`. */
  readonly trustPolicy: string
  readonly maxSessionSeconds: number
  /** The service principal that a service-linked role belongs to. */
  readonly linkedService: string | undefined
}

export type PolicyVersion = {
  /** 3 for `v3`. */
  readonly number: number
  readonly document: string
  readonly createdAtMs: number
}

export type ManagedPolicy = Named & {
  readonly kind: 'policy'
  readonly description: string | undefined
  readonly tags: readonly Tag[]
  /** Oldest first. */
  readonly versions: readonly PolicyVersion[]
  readonly defaultNumber: number
  /** The number that was given last; none is given twice. */
  readonly lastNumber: number
  readonly updatedAtMs: number
}

export type Entities = { user: User; group: Group; role: Role; policy: ManagedPolicy }
export type EntityKind = keyof Entities
export type Entity = Entities[EntityKind]

/** The ARN of an entity, or of the one that has this name and path. */
export function entityArn(
  kind: EntityKind,
  { account, path, name }: Pick<Named, 'account' | 'path' | 'name'>,
): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`
}

/** What a managed policy says now. */
export function defaultDocument({ versions, defaultNumber }: ManagedPolicy): string | undefined {
  return versions.find(({ number }) => number === defaultNumber)?.document
}

export type EntityName = {
  readonly kind: EntityKind
  readonly account: string
  readonly path: string
  readonly name: string
}

/** What an ARN of a user, group, role or policy names; nothing where it is no such ARN. */
export function readEntityArn(arn: string): EntityName | undefined {
  if (arn.length > MAX_ARN_CHARACTERS) return undefined
  const [, account, kind, rest] =
    /^arn:aws:iam::(\d{12}):(user|group|role|policy)(\/[\x21-\x7e]+)$/.exec(arn) ?? []
  if (account === undefined || kind === undefined || rest === undefined) return undefined
  const nameAt = rest.lastIndexOf('/') + 1
  const name = rest.slice(nameAt)
  return name === ''
    ? undefined
    : { kind: kind as EntityKind, account, path: rest.slice(0, nameAt), name }
}

const MAX_ARN_CHARACTERS = 2048
