// What an issuer says about the session: its tags and its source identity, in claims of AWS's names; the
// tags nested, or each of them a claim of its own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
import { InvalidIdentityTokenException } from '../errors.ts'
import type { Claims } from './web-token.ts'

export type SessionClaims = {
  readonly tags: readonly (readonly [key: string, value: string])[]
  readonly transitiveTagKeys: readonly string[]
  readonly sourceIdentity: string | undefined
}

const TAGS = 'https://aws.amazon.com/tags'
const PRINCIPAL_TAG = `${TAGS}/principal_tags/`
const TRANSITIVE = `${TAGS}/transitive_tag_keys`
const SOURCE_IDENTITY = 'https://aws.amazon.com/source_identity'
const MAX_TAGS = 50
const MAX_KEY_CHARACTERS = 128
const MAX_VALUE_CHARACTERS = 256
/** As the SourceIdentity of AssumeRole. */
const SOURCE = /^[\w+=,.@-]{2,64}$/

/** Throws where one of the claims is there and cannot be what its name says. */
export function readSessionClaims(claims: Claims): SessionClaims {
  const nested = claims[TAGS] === undefined ? {} : requireObject(claims[TAGS], TAGS)
  const named =
    nested.principal_tags === undefined ? {} : requireObject(nested.principal_tags, TAGS)
  const tags = Object.entries(named).map(([key, value]) => readTag(key, value))
  for (const [claim, value] of Object.entries(claims)) {
    if (claim.startsWith(PRINCIPAL_TAG))
      tags.push(readTag(claim.slice(PRINCIPAL_TAG.length), value))
  }
  if (tags.length > MAX_TAGS) throw InvalidIdentityTokenException.malformed(TAGS)
  return {
    tags,
    transitiveTagKeys: [...readKeys(nested.transitive_tag_keys), ...readKeys(claims[TRANSITIVE])],
    sourceIdentity: readSourceIdentity(claims[SOURCE_IDENTITY]),
  }
}

/** A tag has one value; issuers put it in a list, or not. */
function readTag(key: string, value: unknown): readonly [key: string, value: string] {
  const [text, ...more] = [value].flat() as unknown[]
  const isTag =
    typeof text === 'string' &&
    more.length === 0 &&
    key !== '' &&
    key.length <= MAX_KEY_CHARACTERS &&
    text.length <= MAX_VALUE_CHARACTERS
  if (!isTag) throw InvalidIdentityTokenException.malformed(TAGS)
  return [key, text]
}

function readKeys(value: unknown): readonly string[] {
  if (value === undefined) return []
  const keys = [value].flat() as unknown[]
  if (!keys.every((key) => typeof key === 'string')) {
    throw InvalidIdentityTokenException.malformed(TAGS)
  }
  return keys as string[]
}

function readSourceIdentity(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && SOURCE.test(value)) return value
  throw InvalidIdentityTokenException.malformed(SOURCE_IDENTITY)
}

function requireObject(value: unknown, claim: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw InvalidIdentityTokenException.malformed(claim)
}
