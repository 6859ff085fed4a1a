// Unique ids as AWS forms them: a prefix that tells the kind, and characters of 5 random bits each.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
import { randomBytes } from '../../../crypto/random.ts'
import type { EntityKind } from './entity.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ID_CHARACTERS = 17
const KEY_CHARACTERS = 16
const PREFIXES: Readonly<Record<EntityKind, string>> = {
  user: 'AIDA',
  group: 'AGPA',
  role: 'AROA',
  policy: 'ANPA',
}

/** An id that nobody had before. */
export function newEntityId(kind: EntityKind): string {
  return PREFIXES[kind] + randomCharacters(ID_CHARACTERS)
}

/** The id of a new access key that lives until it is deleted. */
export function newAccessKeyId(): string {
  return `AKIA${randomCharacters(KEY_CHARACTERS)}`
}

/** The id of the access key of a new session. */
export function newSessionKeyId(): string {
  return `ASIA${randomCharacters(KEY_CHARACTERS)}`
}

function randomCharacters(count: number): string {
  return [...randomBytes(count)].map((byte) => BASE32.charAt(byte & 31)).join('')
}
