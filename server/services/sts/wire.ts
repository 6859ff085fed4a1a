// The SDK's schemas of STS: the one file of this service that reads them.
import { GetCallerIdentity$ } from '@aws-sdk/client-sts'
import { type OperationSchema, operationSchema } from '../../schema/operation-schema.ts'

const SCHEMAS = { GetCallerIdentity: GetCallerIdentity$ }

/** The wire shape of one operation. */
export function stsSchema<Input, Output>(
  name: keyof typeof SCHEMAS,
): OperationSchema<Input, Output> {
  return operationSchema(SCHEMAS[name])
}

export type * from '@aws-sdk/client-sts'
