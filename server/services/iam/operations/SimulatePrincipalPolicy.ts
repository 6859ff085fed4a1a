// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
import { Missing } from '../../../contract/operation.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import type { Holder } from '../holders.ts'
import { ARN } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { DOCUMENTS, requireNone, SIMULATION } from '../simulation/limits.ts'
import { compileGiven, simulate } from '../simulation/simulate.ts'
import { findSource, simulatedHolder } from '../simulation/source.ts'
import { entityDemand } from '../targets.ts'
import type { SimulatePolicyResponse, SimulatePrincipalPolicyRequest } from '../wire.ts'

export const SimulatePrincipalPolicy: IamReading<
  SimulatePrincipalPolicyRequest,
  SimulatePolicyResponse,
  Holder
> = {
  ...reads<SimulatePrincipalPolicyRequest, SimulatePolicyResponse>('SimulatePrincipalPolicy'),
  limits: { PolicySourceArn: ARN, PolicyInputList: DOCUMENTS, ...SIMULATION },
  errors: [NoSuchEntityException, InvalidInputException],
  target: (input, call) => findSource(input.PolicySourceArn, call),
  demands: (source, _input, call) => [entityDemand('iam:SimulatePrincipalPolicy', source, call)],
  async handle(input, source, call) {
    requireNone('PolicyExclusionList', input.PolicyExclusionList)
    requireNone('ResourceHandlingOption', input.ResourceHandlingOption)
    const more = (input.PolicyInputList ?? []).map((document, at) =>
      compileGiven('identity', document, `PolicyInputList.${at + 1}`),
    )
    const [given] = input.PermissionsBoundaryPolicyInputList ?? []
    const boundary =
      given === undefined
        ? undefined
        : compileGiven('boundary', given, 'PermissionsBoundaryPolicyInputList.1')
    const simulated = await simulatedHolder(source, more, boundary, call)
    const { CallerArn } = input
    if (CallerArn === undefined) return simulate(input, simulated)
    // The policies are the source's; the resource policy sees this caller.
    const caller = await findSource(CallerArn, call)
    if (caller instanceof Missing) throw caller.error
    const { principal, context } = await simulatedHolder(caller, [], undefined, call)
    return simulate(input, { ...simulated, principal, context })
  },
}
