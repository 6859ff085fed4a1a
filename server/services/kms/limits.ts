// Limits of members that several KMS operations share; source: the KMS API reference.
import { all, each, length, range } from '../../schema/limits.ts'

/** A key id, key ARN, alias name or alias ARN. */
export const KEY_ID = length(1, 2048)
export const GRANT_TOKENS = all(length(0, 10), each(length(1, 8192)))
/** Bytes that a symmetric key encrypts directly. */
export const PLAINTEXT = length(1, 4096)
export const CIPHERTEXT = length(1, 6144)
/** Bytes of a data key or of random output. */
export const NUMBER_OF_BYTES = range(1, 1024)
/** Entries of one page. */
export const PAGE_LIMIT = range(1, 1000)
export const MARKER = length(1, 1024)
/** Characters of all keys and values of an encryption context. */
export const ENCRYPTION_CONTEXT_CHARACTERS = 8192
