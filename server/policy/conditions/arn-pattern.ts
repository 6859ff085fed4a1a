// ARN operators: six segments compared one by one, each with wildcards. ArnEquals and ArnLike are the
// same operator, and so are their negations.
// After: IAM User Guide, "Amazon Resource Name (ARN) condition operators". A malformed ARN in the
// request satisfies neither an operator nor its negation; one in the policy cannot allow, but it
// takes part in a Deny [N].
import { splitArn } from '../arn.ts'
import type { Glob } from '../glob.ts'
import { compileGlob } from '../glob.ts'
import type { LiteralPattern, LiteralToken } from '../pattern.ts'
import { spend } from '../steps.ts'
import type { Comparator, Operator } from './operator.ts'

/** Six patterns of a policy's ARN, or undefined where it is none. */
export function segmentsOf(pattern: LiteralPattern): readonly LiteralPattern[] | undefined {
  const segments: LiteralToken[][] = [[]]
  for (const token of pattern) {
    if (token.kind !== 'text') {
      segments.at(-1)?.push(token)
      continue
    }
    let start = 0
    while (segments.length < 6) {
      const colon = token.text.indexOf(':', start)
      if (colon < 0) break
      if (colon > start) pushText(segments, token.text.slice(start, colon))
      segments.push([])
      start = colon + 1
    }
    if (start < token.text.length) pushText(segments, token.text.slice(start))
  }
  const [first] = segments[0] ?? []
  const named = segments[0]?.length === 1 && first?.kind === 'text' && first.text === 'arn'
  return segments.length === 6 && named ? segments : undefined
}

function pushText(segments: LiteralToken[][], text: string): void {
  segments.at(-1)?.push({ kind: 'text', text })
}

/** Whether the six parts match the six patterns. */
export function segmentsMatch(
  globs: readonly Glob[],
  parts: readonly string[],
  steps: Parameters<Glob>[1],
): boolean {
  for (let index = 1; index < globs.length; index++) {
    const glob = globs[index]
    if (glob === undefined || !glob(parts[index] ?? '', steps)) return false
  }
  return true
}

function arnOperator(name: string, negated: boolean): Operator {
  return {
    name,
    negated,
    variables: true,
    accepts: (text) => splitArn(text) !== undefined,
    comparator(patterns): Comparator {
      const compiled = patterns.map((pattern) => segmentsOf(pattern)?.map(compileGlob))
      const malformed = compiled.includes(undefined)
      return (requestValue, steps) => {
        spend(steps, 1 + requestValue.length)
        const parts = splitArn(requestValue)
        if (parts === undefined) return 'never'
        for (const globs of compiled) {
          if (globs !== undefined && segmentsMatch(globs, parts, steps)) return 'match'
        }
        return malformed ? 'undecided' : 'differ'
      }
    },
  }
}

export const arnOperators: readonly Operator[] = [
  arnOperator('ArnEquals', false),
  arnOperator('ArnLike', false),
  arnOperator('ArnNotEquals', true),
  arnOperator('ArnNotLike', true),
]
