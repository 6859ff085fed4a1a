// Policy documents that are refused: one test for each, with its reason and place.
import { describe, expect, test } from 'vitest'
import type { MalformedReason } from '../malformed-policy.ts'
import { MalformedPolicyError } from '../malformed-policy.ts'
import { parsePolicy } from '../parser.ts'
import type { PolicyKind } from '../policy-kinds.ts'

export const ALLOW = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
export const TO_ALL = { ...ALLOW, Principal: '*' }

/** Parses a document, or a text as it stands. */
export function parse(document: unknown, kind: PolicyKind = 'identity') {
  return parsePolicy(typeof document === 'string' ? document : JSON.stringify(document), kind)
}

/** The error a document is refused with; undefined where it is accepted. */
export function refusal(document: unknown, kind?: PolicyKind): MalformedPolicyError | undefined {
  try {
    parse(document, kind)
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error
    throw error
  }
  return undefined
}

export function policy(...statements: object[]) {
  return { Version: '2012-10-17', Statement: statements }
}

export type Refused = readonly [
  what: string,
  document: unknown,
  reason: MalformedReason,
  path: string,
]

/** One test for each row: what is wrong, the document, the reason and the place. */
export function refuses(kind: PolicyKind, cases: readonly Refused[]): void {
  describe(`A policy of kind ${kind}`, () => {
    for (const [what, document, reason, path] of cases) {
      test(`is refused with ${what}`, () => {
        expect(refusal(document, kind)).toMatchObject({ reason, path })
      })
    }
  })
}
