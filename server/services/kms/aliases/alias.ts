// An alias: a name for a key, and what names may be. https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
import type { Scope } from '../../../contract/call.ts'
import { ValidationException } from '../../../contract/errors.ts'
import {
  InvalidAliasNameException,
  KMSInvalidStateException,
  NotAuthorizedException,
} from '../errors.ts'

export type Alias = Scope & {
  /** With its prefix: `alias/name`; unique within account and Region. */
  readonly name: string
  readonly arn: string
  /** Grows with every change of the row; what was authorized is compared by it. */
  readonly version: number
  /** The key that the name stands for, of the same account and Region. */
  readonly keyId: string
  readonly createdAtMs: number
  /** When the alias was last associated with a key. */
  readonly updatedAtMs: number
}

const PREFIX = 'alias/'
const RESERVED_PREFIX = 'alias/aws/'
// What an alias can be called; the colon that the model allows is refused by name.
const ALIAS_NAME = /^alias\/[a-zA-Z0-9/_-]{1,250}$/

/** Whether there can be an alias of this name at all. */
export function isAliasName(text: string): boolean {
  return ALIAS_NAME.test(text)
}

export function aliasArn({ region, account }: Scope, name: string): string {
  return `arn:aws:kms:${region}:${account}:${name}`
}

/** Throws where the name lacks the prefix that all aliases have. */
export function requireAliasPrefix(name: string): void {
  if (name.startsWith(PREFIX)) return
  throw new ValidationException(
    'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
  )
}

/** Throws where a caller must not give the name to an alias. */
export function requireNewAliasName(name: string): void {
  requireAliasPrefix(name)
  requireUnreserved(name)
  if (name === PREFIX) throw new InvalidAliasNameException(name)
  if (!isAliasName(name)) {
    throw new ValidationException(`${name} contains invalid characters for an alias`)
  }
}

/** Throws where the alias is, or would be, one of an AWS managed key, which callers cannot move. */
export function requireUnreserved(name: string): void {
  if (name.startsWith(RESERVED_PREFIX)) throw new NotAuthorizedException()
}

/** Throws where the alias is, or would be, one of an AWS managed key, which callers cannot delete. */
export function requireDeletable(name: string): void {
  if (name.startsWith(RESERVED_PREFIX)) throw KMSInvalidStateException.managedAlias(name)
}

/** Throws unless an alias of the one key may come to stand for the other. */
export function requireSameType(from: KeyKind, to: KeyKind): void {
  if (from.usage === to.usage && family(from.spec) === family(to.spec)) return
  throw new ValidationException(
    'The current and new KMS key must be the same type (both symmetric or both asymmetric or both HMAC), and they must have the same key usage.',
  )
}

type KeyKind = { readonly spec: string; readonly usage: string }

function family(spec: string): 'symmetric' | 'HMAC' | 'asymmetric' {
  if (spec === 'SYMMETRIC_DEFAULT') return 'symmetric'
  return spec.startsWith('HMAC_') ? 'HMAC' : 'asymmetric'
}
