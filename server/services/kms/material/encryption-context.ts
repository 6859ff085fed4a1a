// The encryption context: what a caller binds to a ciphertext, as unambiguous bytes.
// https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html

export type EncryptionContext = Readonly<Record<string, string>>

/**
 * `header` followed by the context's bytes: each key and value preceded by its length (32 bits,
 * big-endian), the pairs sorted by the UTF-8 bytes of their keys. No context and an empty one are the
 * same. The result is only valid until the next call: it lies in a buffer that is used again.
 */
export function associatedBytes(header: Buffer, context: EncryptionContext | undefined): Buffer {
  if (context === undefined) return header
  const keys = Object.keys(context)
  if (keys.length === 0) return header
  if (keys.length <= FEW) sortFew(keys)
  else keys.sort(byUtf8)
  let at = header.copy(scratch)
  for (const key of keys) {
    at = putField(putRoom(at, key), key)
    const value = context[key] as string
    at = putField(putRoom(at, value), value)
  }
  return scratch.subarray(0, at)
}

// Contexts are bounded long before they come here, so this grows a few times at most.
let scratch = Buffer.allocUnsafeSlow(16 * 1024)

/** Makes room for `text` at `at`, and gives `at` back. */
function putRoom(at: number, text: string): number {
  const needed = at + 4 + text.length * 3
  if (needed > scratch.length) {
    const larger = Buffer.allocUnsafeSlow(needed * 2)
    scratch.copy(larger, 0, 0, at)
    scratch = larger
  }
  return at
}

function putField(at: number, text: string): number {
  const bytes = scratch.write(text, at + 4, 'utf8')
  scratch.writeUInt32BE(bytes, at)
  return at + 4 + bytes
}

const FEW = 8

/** Sorts in place by insertion: of a few keys, V8's own sort costs more than everything else here. */
function sortFew(keys: string[]): void {
  for (let from = 1; from < keys.length; from++) {
    const key = keys[from] as string
    let at = from
    for (; at > 0 && byUtf8(keys[at - 1] as string, key) > 0; at--)
      keys[at] = keys[at - 1] as string
    keys[at] = key
  }
}

/** UTF-16 order, by which strings compare, differs from UTF-8 order where surrogates are involved. */
function byUtf8(left: string, right: string): number {
  if (SURROGATE.test(left) || SURROGATE.test(right)) {
    return Buffer.compare(Buffer.from(left), Buffer.from(right))
  }
  return left < right ? -1 : 1
}

const SURROGATE = /[\ud800-\udfff]/

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
