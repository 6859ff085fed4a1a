// The SDK's schemas of STS: the one file of this service that reads them.
import * as sdk from '@aws-sdk/client-sts'
import { type OperationSchema, operationSchema } from '../../schema/operation-schema.ts'

/** The wire shape of one operation. */
export function stsSchema<Input, Output>(
  name: 'GetCallerIdentity',
): OperationSchema<Input, Output> {
  return operationSchema(sdk[`${name}$`])
}

export type * from '@aws-sdk/client-sts'
