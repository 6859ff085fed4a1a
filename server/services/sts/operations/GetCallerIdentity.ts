// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
import { noConditions } from '../../../contract/demand.ts'
import type { ReadingOperation } from '../../../contract/operation.ts'
import {
  type GetCallerIdentityRequest,
  type GetCallerIdentityResponse,
  stsSchema,
} from '../wire.ts'

export const GetCallerIdentity: ReadingOperation<
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
  'caller',
  unknown
> = {
  schema: stsSchema('GetCallerIdentity'),
  limits: {},
  errors: [],
  target: () => 'caller',
  // Nothing can deny a caller its own identity.
  demands: (_target, _input, call) => [
    {
      action: 'sts:GetCallerIdentity',
      resource: '*',
      owner: call.account,
      conditions: noConditions,
      denial: undefined,
      authority: 'anyone',
    },
  ],
  usage: () => [],
  resources: () => [],
  audit: { readOnly: true, show: [], showOutput: [] },
  handle: (_input, _target, call) => ({
    UserId: call.caller.principalId,
    Account: call.caller.account,
    Arn: call.caller.arn,
  }),
}
