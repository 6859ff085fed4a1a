// The Bool operator: "true" in any case is true, any other text is false [N].
// After: IAM User Guide, "Boolean condition operators".
import type { Operator } from './operator.ts'
import { valueOperator } from './operator.ts'

export const boolOperators: readonly Operator[] = [
  valueOperator({
    name: 'Bool',
    negated: false,
    variables: true,
    accepts: () => true,
    read: (text) => text.toLowerCase() === 'true',
    matches: (request, policy) => request === policy,
  }),
]
