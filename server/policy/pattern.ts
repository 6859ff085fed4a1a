// Text of a policy that may hold wildcards and policy variables, read into tokens once.
// After: IAM User Guide, "IAM policy elements: Variables and tags".
import type { Context } from './context.ts'
import { foldName } from './context.ts'

export type LiteralToken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
type VariableToken = {
  readonly kind: 'variable'
  readonly key: string
  /** The key as contexts know it. */
  readonly name: string
  readonly fallback: string | undefined
}

/** As written: variables are still names. */
export type Pattern = readonly (LiteralToken | VariableToken)[]
/** Ready to match: what a variable stood for is text, and its `*` is no wildcard. [J] */
export type LiteralPattern = readonly LiteralToken[]

const STAR: LiteralToken = { kind: 'star' }
const ANY: LiteralToken = { kind: 'any' }

/**
 * Reads tokens, or answers undefined where a variable is malformed. Only policies of version
 * 2012-10-17 have variables; in older ones `${aws:username}` is plain text.
 */
export function readPattern(text: string, variables: boolean): Pattern | undefined {
  const tokens: (LiteralToken | VariableToken)[] = []
  let start = 0
  let at = 0
  const flush = (end: number) => {
    if (end > start) tokens.push({ kind: 'text', text: text.slice(start, end) })
  }
  while (at < text.length) {
    const character = text[at]
    if (character === '*' || character === '?') {
      flush(at)
      tokens.push(character === '*' ? STAR : ANY)
      start = ++at
    } else if (variables && character === '$' && text[at + 1] === '{') {
      flush(at)
      const end = text.indexOf('}', at)
      const token = end < 0 ? undefined : readVariable(text.slice(at + 2, end))
      if (token === undefined) return undefined
      tokens.push(token)
      at = start = end + 1
    } else {
      at++
    }
  }
  flush(at)
  return tokens
}

/** `key`, `key, 'default'`, or one of the escapes `*`, `?` and `$`. */
function readVariable(inside: string): LiteralToken | VariableToken | undefined {
  if (inside === '*' || inside === '?' || inside === '$') return { kind: 'text', text: inside }
  const comma = inside.indexOf(',')
  const key = (comma < 0 ? inside : inside.slice(0, comma)).trim()
  if (!/^[^${}'*?]+$/.test(key)) return undefined
  if (comma < 0) return variable(key, undefined)
  const quoted = inside.slice(comma + 1).trim()
  if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) return undefined
  const fallback = quoted.slice(1, -1)
  return fallback.includes("'") ? undefined : variable(key, fallback)
}

function variable(key: string, fallback: string | undefined): VariableToken {
  return { kind: 'variable', key, name: foldName(key), fallback }
}

/** Whether the pattern needs a request before it can match. */
export function hasVariables(pattern: Pattern): boolean {
  return pattern.some((token) => token.kind === 'variable')
}

/** The pattern as it stands, or undefined where it has variables. */
export function literalPattern(pattern: Pattern): LiteralPattern | undefined {
  return hasVariables(pattern) ? undefined : (pattern as LiteralPattern)
}

/**
 * The pattern with its variables replaced, or undefined where one has neither a value nor a default.
 * A multivalued key is never a variable's value, and neither is one given twice in different case.
 */
export function resolvePattern(pattern: Pattern, context: Context): LiteralPattern | undefined {
  const tokens: LiteralToken[] = []
  for (const token of pattern) {
    if (token.kind !== 'variable') {
      tokens.push(token)
      continue
    }
    const entry = context.get(token.name)
    const usable = entry !== undefined && !entry.multivalued && !entry.ambiguous
    const text = usable ? entry.values[0] : entry === undefined ? token.fallback : undefined
    if (text === undefined) return undefined
    tokens.push({ kind: 'text', text })
  }
  return tokens
}

/** The pattern as plain text, for operators without wildcards. */
export function textOf(pattern: LiteralPattern): string {
  let text = ''
  for (const token of pattern) {
    text += token.kind === 'text' ? token.text : token.kind === 'star' ? '*' : '?'
  }
  return text
}

/** The names of the context keys the pattern's variables stand for, as written. */
export function variablesOf(pattern: Pattern): string[] {
  return pattern.flatMap((token) => (token.kind === 'variable' ? [token.key] : []))
}
