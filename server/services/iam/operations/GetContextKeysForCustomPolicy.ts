// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html
import { identityDemand } from '../../../contract/demand.ts'
import { InvalidInputException } from '../errors.ts'
import { type IamReading, reads } from '../operation.ts'
import { contextKeysOf } from '../simulation/context-keys.ts'
import { DOCUMENTS } from '../simulation/limits.ts'
import type {
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
} from '../wire.ts'

export const GetContextKeysForCustomPolicy: IamReading<
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
  'account'
> = {
  ...reads<GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse>(
    'GetContextKeysForCustomPolicy',
  ),
  limits: { PolicyInputList: DOCUMENTS },
  errors: [InvalidInputException],
  target: () => 'account',
  demands: (_target, _input, call) => [
    identityDemand('iam:GetContextKeysForCustomPolicy', '*', call.account),
  ],
  handle: (input) => ({ ContextKeyNames: contextKeysOf(input.PolicyInputList) }),
}
