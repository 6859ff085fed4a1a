// The schema of one operation with the TypeScript types of its input and output attached.
import type { StaticOperationSchema } from '@smithy/types'
import { type StructureShape, structureShape } from './shape.ts'

export type OperationSchema<Input, Output> = {
  readonly name: string
  readonly input: StructureShape
  readonly output: StructureShape
  /** The types only; there is no value here. */
  readonly types?: (input: Input) => Output
}

/** Reads the SDK's schema of an operation, such as `Encrypt$` of `@aws-sdk/client-kms`. */
export function operationSchema<Input, Output>(
  schema: StaticOperationSchema,
): OperationSchema<Input, Output> {
  const [, , name, , input, output] = schema
  return { name, input: structureShape(input), output: structureShape(output) }
}
