// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
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
  // Nothing can deny a caller its own identity; the demand says so by asking for what always is one's own.
  demands: (_target, _input, call) => [
    {
      action: 'sts:GetCallerIdentity',
      resource: '*',
      owner: call.account,
      delegated: true,
      denial: undefined,
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
