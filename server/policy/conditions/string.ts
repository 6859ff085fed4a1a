// String operators: exact, ignoring case, and with wildcards.
// After: IAM User Guide, "String condition operators". IgnoreCase lowers both sides; it is not full
// case folding [N]. Nothing is ever normalised: two spellings of é are two values.
import { compileGlob } from '../glob.ts'
import type { LiteralPattern } from '../pattern.ts'
import { textOf } from '../pattern.ts'
import { spend } from '../steps.ts'
import type { Comparator, Operator } from './operator.ts'

const acceptsAll = () => true

function equality(name: string, negated: boolean, fold: (text: string) => string): Operator {
  return {
    name,
    negated,
    variables: true,
    accepts: acceptsAll,
    comparator(patterns): Comparator {
      const values = new Set(patterns.map((pattern) => fold(textOf(pattern))))
      return (requestValue, steps) => {
        spend(steps, 1 + requestValue.length)
        return values.has(fold(requestValue)) ? 'match' : 'differ'
      }
    },
  }
}

function likeness(name: string, negated: boolean): Operator {
  return {
    name,
    negated,
    variables: true,
    accepts: acceptsAll,
    comparator(patterns: readonly LiteralPattern[]): Comparator {
      const globs = patterns.map(compileGlob)
      return (requestValue, steps) => {
        for (const glob of globs) if (glob(requestValue, steps)) return 'match'
        return 'differ'
      }
    },
  }
}

const asItIs = (text: string) => text
const lowered = (text: string) => text.toLowerCase()

export const stringOperators: readonly Operator[] = [
  equality('StringEquals', false, asItIs),
  equality('StringNotEquals', true, asItIs),
  equality('StringEqualsIgnoreCase', false, lowered),
  equality('StringNotEqualsIgnoreCase', true, lowered),
  likeness('StringLike', false),
  likeness('StringNotLike', true),
]
