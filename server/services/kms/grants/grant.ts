// A grant: what it permits to whom, on which keys it can be, and when its constraints hold.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
import type { Scope } from '../../../contract/call.ts'
import type { MatchedGrant } from '../../../policy/authorization-request.ts'
import { type Principal, type RoleSession, sessionId } from '../../../policy/principal.ts'
import type { Key } from '../keys/key.ts'
import type { EncryptionContext } from '../material/encryption-context.ts'
import type { GrantConstraints, GrantOperation } from '../wire.ts'

/** Pairs of an encryption context, by key. */
export type ContextPairs = readonly (readonly [key: string, value: string])[]

export type Constraints = {
  /** The context of the request is this one. */
  readonly equals: ContextPairs | undefined
  /** The context of the request has all of these pairs. */
  readonly subset: ContextPairs | undefined
  /** The request is made for this resource. */
  readonly sourceArn: string | undefined
}

export type Grant = Scope & {
  readonly keyId: string
  /** 64 hexadecimal digits. */
  readonly id: string
  /** As kept by `keys/principals.ts`; or the name of a service. */
  readonly grantee: string
  readonly retiring: string | undefined
  /** The account in which it was made. */
  readonly issuer: string
  readonly name: string | undefined
  readonly operations: readonly GrantOperation[]
  readonly constraints: Constraints
  readonly createdAtMs: number
}

const GRANT_ID = /^[0-9a-f]{64}$/

export function isGrantId(text: string): boolean {
  return GRANT_ID.test(text)
}

/** What a grant can permit whatever key it is for. */
const ON_ANY_KEY: readonly GrantOperation[] = ['CreateGrant', 'RetireGrant', 'DescribeKey']

/** The operations that a grant on such a key can permit. */
export function grantableOperations({
  spec,
  usage,
}: {
  readonly spec: string
  readonly usage: string
}): readonly GrantOperation[] {
  return [...ON_ANY_KEY, ...(spec === 'SYMMETRIC_DEFAULT' ? SYMMETRIC : (BY_USAGE[usage] ?? []))]
}

const SYMMETRIC: readonly GrantOperation[] = [
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
]
const BY_USAGE: Readonly<Record<string, readonly GrantOperation[]>> = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GetPublicKey'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
}

/** Whether the key's operations have an encryption context that could be constrained. */
export function hasContext({ spec }: Pick<Key, 'spec'>): boolean {
  return spec === 'SYMMETRIC_DEFAULT'
}

export function readConstraints(given: GrantConstraints | undefined): Constraints {
  return {
    equals: pairsOf(given?.EncryptionContextEquals),
    subset: pairsOf(given?.EncryptionContextSubset),
    sourceArn: given?.SourceArn,
  }
}

function pairsOf(context: EncryptionContext | undefined): ContextPairs | undefined {
  if (context === undefined) return undefined
  return Object.entries(context).sort(([left], [right]) => (left < right ? -1 : 1))
}

/** The constraints as ListGrants tells them, or nothing where there are none. */
export function shownConstraints({ equals, subset, sourceArn }: Constraints) {
  if (equals === undefined && subset === undefined && sourceArn === undefined) return undefined
  return {
    ...(equals && { EncryptionContextEquals: Object.fromEntries(equals) }),
    ...(subset && { EncryptionContextSubset: Object.fromEntries(subset) }),
    ...(sourceArn && { SourceArn: sourceArn }),
  }
}

/** Whether the grant's context constraints hold for a request with this context: exactly, in case too. */
export function admitsContext(
  { equals, subset }: Constraints,
  context: EncryptionContext = {},
): boolean {
  if (subset !== undefined && !holdsPairs(context, subset)) return false
  if (equals === undefined) return true
  return equals.length === Object.keys(context).length && holdsPairs(context, equals)
}

function holdsPairs(context: EncryptionContext, pairs: ContextPairs): boolean {
  return pairs.every(([key, value]) => Object.hasOwn(context, key) && context[key] === value)
}

/** Whether whatever these constraints admit is admitted by the parent's as well. */
export function areAsStrict(child: Constraints, parent: Constraints): boolean {
  if (parent.sourceArn !== undefined && child.sourceArn !== parent.sourceArn) return false
  // An exact context is one context, for which the parent's constraints hold or do not.
  if (child.equals !== undefined) return admitsContext(parent, Object.fromEntries(child.equals))
  if (parent.equals !== undefined) return false
  return (
    parent.subset === undefined || holdsPairs(Object.fromEntries(child.subset ?? []), parent.subset)
  )
}

/** A name by which grants know a principal. */
export type GranteeName = { readonly name: string; readonly kind: MatchedGrant['grantee'] }

/** Every name under which grants may be made to the principal. */
export function granteeNames(principal: Principal): readonly GranteeName[] {
  switch (principal.kind) {
    case 'root-user':
      return [{ name: principal.account, kind: 'account' }]
    case 'user':
      return [
        { name: principal.id, kind: 'user' },
        { name: principal.account, kind: 'account' },
      ]
    case 'role-session':
      return [
        { name: keptSession(principal), kind: 'session' },
        { name: principal.roleId, kind: 'role' },
        { name: principal.account, kind: 'account' },
      ]
    case 'federated-user':
      return [
        { name: principal.arn, kind: 'federated-user' },
        { name: principal.userId, kind: 'user' },
        { name: principal.account, kind: 'account' },
      ]
    case 'service':
      return [...new Set([principal.name, ...principal.names])].map((name) => ({
        name,
        kind: 'service',
      }))
    default:
      return []
  }
}

/** Sessions of AWS's own roles are kept by ARN: no account has such a role. */
function keptSession(session: RoleSession): string {
  return session.role === 'service-owned' ? session.arn : sessionId(session)
}

/** Whether the principal that is kept so is a service; a session may be called like one. */
export function isService(kept: string): boolean {
  return kept.endsWith('.amazonaws.com') && !kept.includes(':')
}
