// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
import type { Call } from '../../../contract/call.ts'
import { type Demand, identityDemand } from '../../../contract/demand.ts'
import { AccessDeniedException } from '../../../contract/errors.ts'
import {
  InvalidParameterValue,
  MalformedPolicyDocumentException,
  PackedPolicyTooLargeException,
} from '../errors.ts'
import { FEDERATED_NAME, OWN_SECONDS, POLICY_ARNS, SESSION_POLICY, TAGS } from '../limits.ts'
import type { StsOperation } from '../operation.ts'
import { ownSession } from '../own-session.ts'
import { inheritTags, issue, readSessionPolicies, readSessionTags } from '../session-request.ts'
import {
  type GetFederationTokenRequest,
  type GetFederationTokenResponse,
  stsSchema,
} from '../wire.ts'

export const GetFederationToken: StsOperation<
  GetFederationTokenRequest,
  GetFederationTokenResponse,
  'caller'
> = {
  schema: stsSchema('GetFederationToken'),
  limits: {
    Name: FEDERATED_NAME,
    Policy: SESSION_POLICY,
    PolicyArns: POLICY_ARNS,
    DurationSeconds: OWN_SECONDS,
    Tags: TAGS,
  },
  errors: [InvalidParameterValue, MalformedPolicyDocumentException, PackedPolicyTooLargeException],
  target(input, { caller }) {
    if (caller.session !== undefined) {
      throw new AccessDeniedException('Cannot call GetFederationToken with session credentials')
    }
    readSessionPolicies(input)
    readSessionTags(input.Tags)
    return 'caller'
  },
  demands(_target, input, call) {
    const tags = readSessionTags(input.Tags)
    const demand = (action: string): Demand =>
      identityDemand(action, federatedArn(input.Name, call), call.account, function* () {
        yield ['aws:TagKeys', tags.map(([key]) => key)]
        for (const [key, value] of tags) yield [`aws:RequestTag/${key}`, value]
      })
    const token = demand('sts:GetFederationToken')
    return tags.length === 0 ? [token] : [token, demand('sts:TagSession')]
  },
  usage: () => [],
  resources: () => [],
  audit: {
    readOnly: true,
    show: ['Name', 'Policy', 'PolicyArns', 'DurationSeconds', 'Tags'],
    showOutput: [
      'Credentials.AccessKeyId',
      'Credentials.Expiration',
      'FederatedUser',
      'PackedPolicySize',
    ],
  },
  handle(input, _target, call) {
    const facts = {
      ...ownSession('federated', input.DurationSeconds, call),
      name: input.Name,
      ...readSessionPolicies(input),
      ...inheritTags(readSessionTags(input.Tags), [], []),
    }
    return {
      ...issue(facts, call.stores),
      FederatedUser: {
        FederatedUserId: `${call.account}:${input.Name}`,
        Arn: federatedArn(input.Name, call),
      },
    }
  },
}

function federatedArn(name: string, { account }: Call): string {
  return `arn:aws:sts::${account}:federated-user/${name}`
}
