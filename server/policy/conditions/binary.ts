// The BinaryEquals operator: base64 on both sides, compared as the bytes it stands for.
// After: IAM User Guide, "Binary condition operators".
import type { Operator } from './operator.ts'
import { valueOperator } from './operator.ts'

/** Base64 that encodes bytes in exactly one way: padded, nothing after, no stray bits. */
export function readBinary(text: string): string | undefined {
  return Buffer.from(text, 'base64').toString('base64') === text ? text : undefined
}

export const binaryOperators: readonly Operator[] = [
  valueOperator({
    name: 'BinaryEquals',
    negated: false,
    variables: false,
    accepts: (text) => readBinary(text) !== undefined,
    read: readBinary,
    matches: (request, policy) => request === policy,
  }),
]
