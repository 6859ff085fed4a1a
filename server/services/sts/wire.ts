// The SDK's schemas of STS: the one file of this service that reads them.
import * as sdk from '@aws-sdk/client-sts'
import { type OperationSchema, operationSchema } from '../../schema/operation-schema.ts'
import { queryErrors } from '../../schema/query-errors.ts'

const SCHEMAS = {
  AssumeRole: sdk.AssumeRole$,
  AssumeRoleWithWebIdentity: sdk.AssumeRoleWithWebIdentity$,
  DecodeAuthorizationMessage: sdk.DecodeAuthorizationMessage$,
  GetAccessKeyInfo: sdk.GetAccessKeyInfo$,
  GetCallerIdentity: sdk.GetCallerIdentity$,
  GetFederationToken: sdk.GetFederationToken$,
  GetSessionToken: sdk.GetSessionToken$,
}

/** Code and status of each error of STS, by the name of its class. */
export const stsErrors = queryErrors(sdk)

/** The wire shape of one operation. */
export function stsSchema<Input, Output>(
  name: keyof typeof SCHEMAS,
): OperationSchema<Input, Output> {
  return operationSchema(SCHEMAS[name])
}

export type * from '@aws-sdk/client-sts'
