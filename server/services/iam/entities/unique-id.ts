// Unique ids as AWS forms them: a prefix that tells the kind, and characters of 5 random bits each.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
import { randomBytes } from '../../../crypto/random.ts'
import type { EntityKind } from './entity.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ID_CHARACTERS = 17
const KEY_CHARACTERS = 16
const KEY_BITS = 80
const ACCOUNT_BITS = 40
const RANDOM_BITS = KEY_BITS - 1 - ACCOUNT_BITS
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

/** The id of a new access key that lives until it is deleted; it tells its account, as AWS's do. */
export function newAccessKeyId(account: string): string {
  return `AKIA${keyCharacters(account)}`
}

/** The id of the access key of a new session. */
export function newSessionKeyId(account: string): string {
  return `ASIA${keyCharacters(account)}`
}

/** The account that the id of an access key tells; any id of the form tells some. */
export function accountToldBy(accessKeyId: string): string | undefined {
  const characters = /^A[KS]IA([A-Z2-7]{16})$/.exec(accessKeyId)?.[1]
  if (characters === undefined) return undefined
  let bits = 0n
  for (const character of characters) bits = (bits << 5n) | BigInt(BASE32.indexOf(character))
  const account =
    (bits >> BigInt(KEY_BITS - 1 - ACCOUNT_BITS)) & ((1n << BigInt(ACCOUNT_BITS)) - 1n)
  return String(account).padStart(12, '0')
}

/** Base32 of one bit that is set, the account (40 bits), and 39 random bits. */
function keyCharacters(account: string): string {
  const random = BigInt(`0x${randomBytes(5).toString('hex')}`) & ((1n << BigInt(RANDOM_BITS)) - 1n)
  const bits = (1n << BigInt(KEY_BITS - 1)) | (BigInt(account) << BigInt(RANDOM_BITS)) | random
  return Array.from({ length: KEY_CHARACTERS }, (_, at) =>
    BASE32.charAt(Number((bits >> BigInt(KEY_BITS - 5 * (at + 1))) & 31n)),
  ).join('')
}

function randomCharacters(count: number): string {
  return [...randomBytes(count)].map((byte) => BASE32.charAt(byte & 31)).join('')
}
