// Resource and NotResource: ARNs compared part by part, case and all; `*` and `?` stay inside their
// part, but in the last part they match any character, `/` and `:` included.
// After: IAM User Guide, "IAM JSON policy elements: Resource" and "NotResource".
import type { ArnParts } from './arn.ts'
import { splitArn, splitInSix } from './arn.ts'
import { segmentsMatch } from './conditions/arn-pattern.ts'
import type { Context } from './context.ts'
import type { Glob } from './glob.ts'
import { compileGlob } from './glob.ts'
import type { LiteralPattern, Pattern } from './pattern.ts'
import { hasVariables, literalPattern, readPattern, resolvePattern, textOf } from './pattern.ts'
import type { Listed } from './policy-document.ts'
import type { Steps } from './steps.ts'
import { spend } from './steps.ts'

/** The resource a request names, made once per decision. */
export type RequestedResource = {
  readonly text: string
  /** Undefined for `*`, which stands for actions that act on no resource: only `*` matches it. */
  readonly parts: ArnParts | undefined
}

export function requestedResource(text: string): RequestedResource {
  return { text, parts: splitArn(text) }
}

/** Whether a statement speaks about the resource. */
export type ResourceMatcher = (
  resource: RequestedResource,
  context: Context,
  steps: Steps,
) => boolean

/** `unresolved`: a variable has no value, and the statement does not match, whatever it says. */
type Match = boolean | 'unresolved'
type ValueMatcher = (text: string, parts: ArnParts, context: Context, steps: Steps) => Match

/** Compiles the element: ARNs without wildcards become one set. `variables`: the version has them. */
export function resourceMatcher(listed: Listed, variables: boolean): ResourceMatcher {
  const { not } = listed
  if (listed.values.includes('*')) return () => !not
  const exact = new Set<string>()
  const matchers: ValueMatcher[] = []
  for (const value of listed.values) {
    const parts = splitInSix(value)
    if (parts === undefined) continue
    const last = readPattern(parts[5], variables) ?? []
    const pattern: Pattern = [...fixedPattern(parts), ...last]
    const literal = literalPattern(pattern)
    if (literal?.every(({ kind }) => kind === 'text')) exact.add(textOf(literal))
    else matchers.push(hasVariables(last) ? resolving(parts, last) : matching(parts, pattern, last))
  }
  return ({ text, parts }, context, steps) => {
    if (parts === undefined) return not
    spend(steps, 1 + text.length)
    if (exact.has(text)) return !not
    let unresolved = false
    for (const matcher of matchers) {
      const match = matcher(text, parts, context, steps)
      if (match === true) return !not
      if (match === 'unresolved') unresolved = true
    }
    // Under NotResource an unresolved value hides what is spared: the statement stands aside.
    return not && !unresolved
  }
}

/** The five parts in front of the resource part, where no variable is ever replaced. */
function fixedPattern(parts: ArnParts): Pattern {
  return readPattern(`${parts.slice(0, 5).join(':')}:`, false) ?? []
}

function matching(parts: ArnParts, pattern: Pattern, last: Pattern): ValueMatcher {
  // Without a wildcard in front nothing can cross a colon there, and the whole text is compared.
  if (fixedPattern(parts).length === 1) {
    const glob = compileGlob(literalOf(pattern))
    return (text, _parts, _context, steps) => glob(text, steps)
  }
  const globs = [...fixedGlobs(parts), compileGlob(literalOf(last))]
  return (_text, requested, _context, steps) => segmentsMatch(globs, requested, steps)
}

function resolving(parts: ArnParts, last: Pattern): ValueMatcher {
  const fixed = fixedGlobs(parts)
  return (_text, requested, context, steps) => {
    if (!segmentsMatch(fixed, requested, steps)) return false
    const resolved = resolvePattern(last, context)
    if (resolved === undefined) return 'unresolved'
    for (const token of resolved) spend(steps, token.kind === 'text' ? 1 + token.text.length : 1)
    return compileGlob(resolved)(requested[5], steps)
  }
}

function fixedGlobs(parts: ArnParts): Glob[] {
  return parts.slice(0, 5).map((part) => compileGlob(literalOf(readPattern(part, false) ?? [])))
}

function literalOf(pattern: Pattern): LiteralPattern {
  return literalPattern(pattern) ?? []
}
