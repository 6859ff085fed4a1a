// The request context: condition keys and their values, as policies see them.
// After: IAM User Guide, "Single-valued vs. multivalued context keys" and "The request context".

/** One key's values. */
export type ContextEntry = {
  readonly values: readonly string[]
  /** A list by its nature (aws:TagKeys), however many values it has at the moment. */
  readonly multivalued: boolean
  /** The value a plain operator compares; undefined for a list of several distinct values. */
  readonly scalar: string | undefined
  /** Two names that differ only in case were given: no comparison of theirs can be relied on. [N] */
  readonly ambiguous: boolean
}

/** What a request says about itself. */
export type Context = {
  /** Characters in it: part of what the work of a decision is measured against. */
  readonly length: number
  /** The entry of a name as `foldName` writes it: policies fold theirs when they are compiled. */
  get(foldedName: string): ContextEntry | undefined
}

/** A string is a single value; an array is a multivalued key, also when it holds one. */
export type ContextValue = string | readonly string[]

/**
 * The context of these keys, on top of another one whose keys it may replace. A multivalued key
 * without values is absent: AWS has no empty lists in a context, and Null must see them missing.
 */
export function contextOf(
  entries: Iterable<readonly [key: string, value: ContextValue]>,
  below?: Context,
): Context {
  const own = new Map<string, ContextEntry>()
  let length = below?.length ?? 0
  for (const [key, value] of entries) {
    const name = foldName(key)
    const entry = entryOf(value)
    length += key.length
    for (const text of entry.values) length += text.length
    if (entry.values.length === 0) continue
    own.set(name, own.has(name) ? { ...entry, ambiguous: true } : entry)
  }
  return {
    length,
    get: (foldedName) => own.get(foldedName) ?? below?.get(foldedName),
  }
}

function entryOf(value: ContextValue): ContextEntry {
  if (typeof value === 'string') {
    return { values: [value], multivalued: false, scalar: value, ambiguous: false }
  }
  const first = value[0]
  // A list of one distinct value behaves as that value under a plain operator. [N]
  const scalar = value.every((text) => text === first) ? first : undefined
  return { values: [...value], multivalued: true, scalar, ambiguous: false }
}

/**
 * The name policies and requests meet under: A–Z lowered, everything else untouched. Full lowering
 * would make two names of some pairs that are not (the Kelvin sign becomes k). [J]
 */
export function foldName(name: string): string {
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) > 0x7f) return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  }
  return name.toLowerCase()
}

/**
 * The tags of a principal as context entries: those of the user or role, overlaid by the session's.
 * Names meet in any case, so a session's `Team` replaces a role's `team`.
 */
export function principalTags(
  own: Iterable<readonly [name: string, value: string]>,
  session: Iterable<readonly [name: string, value: string]>,
): [key: string, value: string][] {
  const fromSession = [...session]
  const replaced = new Set(fromSession.map(([name]) => foldName(name)))
  const kept = [...own].filter(([name]) => !replaced.has(foldName(name)))
  return [...kept, ...fromSession].map(([name, value]) => [`aws:PrincipalTag/${name}`, value])
}
