// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
import type { ManagedPolicy } from '../entities/entity.ts'
import { encodedDocument, policyVersionView } from '../entities/views.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { ARN, VERSION_ID } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { getVersion } from '../policies/versions.ts'
import { entityDemand, findPolicy } from '../targets.ts'
import type { GetPolicyVersionRequest, GetPolicyVersionResponse } from '../wire.ts'

export const GetPolicyVersion: IamReading<
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ManagedPolicy
> = {
  ...reads<GetPolicyVersionRequest, GetPolicyVersionResponse>('GetPolicyVersion'),
  limits: { PolicyArn: ARN, VersionId: VERSION_ID },
  errors: [NoSuchEntityException, InvalidInputException],
  target: (input, call) => findPolicy(input.PolicyArn, call),
  demands: (policy, _input, call) => [entityDemand('iam:GetPolicyVersion', policy, call)],
  handle({ VersionId }, policy) {
    const version = getVersion(policy, VersionId)
    return {
      PolicyVersion: {
        Document: encodedDocument(version.document),
        ...policyVersionView(policy, version),
      },
    }
  },
}
