// The SDK's schemas of IAM: the one file of this service that reads them.
import * as sdk from '@aws-sdk/client-iam'
import type { StaticOperationSchema } from '@smithy/types'
import { type OperationSchema, operationSchema } from '../../schema/operation-schema.ts'
import { queryErrors } from '../../schema/query-errors.ts'

export type OperationName = {
  [Name in keyof typeof sdk]: Name extends `${infer Operation}$`
    ? `${Operation}Command` extends keyof typeof sdk
      ? Operation
      : never
    : never
}[keyof typeof sdk]

/** Code and status of each error of IAM, by the name of its class. */
export const iamErrors = queryErrors(sdk)

/** The wire shape of one operation. */
export function iamSchema<Input, Output>(name: OperationName): OperationSchema<Input, Output> {
  return operationSchema(
    (sdk as unknown as Record<string, StaticOperationSchema>)[`${name}$`] as StaticOperationSchema,
  )
}

export type * from '@aws-sdk/client-iam'
