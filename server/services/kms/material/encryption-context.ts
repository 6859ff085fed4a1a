// The encryption context: what a caller binds to a ciphertext, as unambiguous bytes.
// https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
import { fields } from '../../../crypto/fields.ts'

export type EncryptionContext = Readonly<Record<string, string>>

/**
 * The context's bytes: each key and value preceded by its length (32 bits, big-endian), the pairs
 * sorted by the UTF-8 bytes of their keys. No context and an empty one are the same.
 */
export function contextBytes(context: EncryptionContext | undefined): Buffer {
  if (context === undefined) return NO_CONTEXT
  const keys = Object.keys(context)
  if (keys.length === 0) return NO_CONTEXT
  if (keys.length === 1) {
    const key = keys[0] as string
    return fields(key, context[key] as string)
  }
  // UTF-16 order, which is what strings compare by, differs from UTF-8 order beyond the BMP.
  const pairs = keys.map((key) => ({ key: Buffer.from(key), value: context[key] as string }))
  pairs.sort((left, right) => Buffer.compare(left.key, right.key))
  return fields(...pairs.flatMap(({ key, value }) => [key, value]))
}

/** What is wrong with the context, as a sentence, or nothing. */
export function contextProblem(
  context: EncryptionContext | undefined,
  maxCharacters: number,
): string | undefined {
  if (context === undefined) return undefined
  let characters = 0
  for (const key of Object.keys(context)) {
    const value = context[key] as string
    // A lone surrogate has no UTF-8 form: two such contexts would become the same bytes.
    if (!key.isWellFormed() || !value.isWellFormed()) {
      return 'The encryption context holds text that is not valid Unicode.'
    }
    characters += key.length + value.length
  }
  if (characters <= maxCharacters) return undefined
  return `The encryption context is longer than ${maxCharacters} characters.`
}

const NO_CONTEXT = Buffer.alloc(0)
