// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
import { identityDemand } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { after } from '../../../contract/operation.ts'
import { ACCESS_KEY_ID } from '../limits.ts'
import type { StsOperation } from '../operation.ts'
import { type GetAccessKeyInfoRequest, type GetAccessKeyInfoResponse, stsSchema } from '../wire.ts'

export const GetAccessKeyInfo: StsOperation<
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  'caller'
> = {
  schema: stsSchema('GetAccessKeyInfo'),
  limits: { AccessKeyId: ACCESS_KEY_ID },
  errors: [],
  target: () => 'caller',
  demands: (_target, _input, call) => [identityDemand('sts:GetAccessKeyInfo', '*', call.account)],
  usage: () => [],
  resources: () => [],
  audit: { readOnly: true, show: ['AccessKeyId'], showOutput: [] },
  handle: (input, _target, call) =>
    after(call.stores.identities.findAccountOfKey(input.AccessKeyId), (account) => {
      if (account !== undefined) return { Account: account }
      throw new ValidationException(`Access key ${input.AccessKeyId} is not valid.`)
    }),
}
