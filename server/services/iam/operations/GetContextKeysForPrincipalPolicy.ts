// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import type { Holder } from '../holders.ts'
import { ARN } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { contextKeysOf } from '../simulation/context-keys.ts'
import { DOCUMENTS } from '../simulation/limits.ts'
import { documentsOf, findSource } from '../simulation/source.ts'
import { entityDemand } from '../targets.ts'
import type {
  GetContextKeysForPolicyResponse,
  GetContextKeysForPrincipalPolicyRequest,
} from '../wire.ts'

export const GetContextKeysForPrincipalPolicy: IamReading<
  GetContextKeysForPrincipalPolicyRequest,
  GetContextKeysForPolicyResponse,
  Holder
> = {
  ...reads<GetContextKeysForPrincipalPolicyRequest, GetContextKeysForPolicyResponse>(
    'GetContextKeysForPrincipalPolicy',
  ),
  limits: { PolicySourceArn: ARN, PolicyInputList: DOCUMENTS },
  errors: [NoSuchEntityException, InvalidInputException],
  target: (input, call) => findSource(input.PolicySourceArn, call),
  demands: (source, _input, call) => [
    entityDemand('iam:GetContextKeysForPrincipalPolicy', source, call),
  ],
  async handle(input, source, call) {
    const stored = (await documentsOf(source, call)).flatMap(({ document }) => document ?? [])
    return { ContextKeyNames: contextKeysOf([...(input.PolicyInputList ?? []), ...stored]) }
  },
}
