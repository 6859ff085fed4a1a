// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
import { identityDemand } from '../../../contract/demand.ts'
import { Missing } from '../../../contract/operation.ts'
import { NO_POLICIES } from '../../../policy/authorization-request.ts'
import { contextOf } from '../../../policy/context.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { type IamCall, type IamReading, reads } from '../operation.ts'
import { DOCUMENTS, requireNone, SIMULATION } from '../simulation/limits.ts'
import { compileGiven, type Simulated, simulate } from '../simulation/simulate.ts'
import { findSource, simulatedHolder } from '../simulation/source.ts'
import type { SimulateCustomPolicyRequest, SimulatePolicyResponse } from '../wire.ts'

export const SimulateCustomPolicy: IamReading<
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  'account'
> = {
  ...reads<SimulateCustomPolicyRequest, SimulatePolicyResponse>('SimulateCustomPolicy'),
  limits: { PolicyInputList: DOCUMENTS, ...SIMULATION },
  errors: [NoSuchEntityException, InvalidInputException],
  target: () => 'account',
  demands: (_target, _input, call) => [
    identityDemand('iam:SimulateCustomPolicy', '*', call.account),
  ],
  async handle(input, _target, call) {
    requireNone('OrderedOrganizationPolicyInputList', input.OrderedOrganizationPolicyInputList)
    requireNone('ResourceHandlingOption', input.ResourceHandlingOption)
    const { CallerArn, ResourcePolicy, PermissionsBoundaryPolicyInputList } = input
    if (ResourcePolicy !== undefined && CallerArn === undefined) {
      throw InvalidInputException.callerNeeded()
    }
    const [boundary] = PermissionsBoundaryPolicyInputList ?? []
    const caller = await callerOf(CallerArn, call)
    return simulate(input, {
      ...caller,
      policies: {
        ...NO_POLICIES,
        identity: input.PolicyInputList.map((document, at) =>
          compileGiven('identity', document, `PolicyInputList.${at + 1}`),
        ),
        boundary:
          boundary === undefined
            ? undefined
            : compileGiven('boundary', boundary, 'PermissionsBoundaryPolicyInputList.1'),
      },
    })
  },
}

/** Who would call: the principal of this ARN, or somebody of whom nothing is known. */
async function callerOf(arn: string | undefined, call: IamCall): Promise<Simulated> {
  const { account } = call
  if (arn === undefined) {
    const someone = `arn:aws:iam::${account}:user/someone`
    return {
      account,
      principal: { kind: 'user', account, arn: someone, id: 'AIDASOMEONE', name: 'someone' },
      policies: NO_POLICIES,
      context: contextOf([]),
    }
  }
  const caller = await findSource(arn, call)
  if (caller instanceof Missing) throw caller.error
  return simulatedHolder(caller, [], undefined, call)
}
