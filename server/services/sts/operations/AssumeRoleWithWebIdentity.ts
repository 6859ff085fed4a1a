// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
import type { Call } from '../../../contract/call.ts'
import type { ConditionKeys, Demand } from '../../../contract/demand.ts'
import { AccessDeniedException, ValidationException } from '../../../contract/errors.ts'
import { after, Missing } from '../../../contract/operation.ts'
import type { AssumableRole } from '../../../contract/ports.ts'
import type { SessionFacts } from '../../../contract/session.ts'
import {
  ExpiredTokenException,
  IDPCommunicationErrorException,
  InvalidIdentityTokenException,
  InvalidParameterValue,
  MalformedPolicyDocumentException,
  PackedPolicyTooLargeException,
} from '../errors.ts'
import {
  ARN,
  POLICY_ARNS,
  PROVIDER_ID,
  ROLE_SECONDS,
  SESSION_NAME,
  SESSION_POLICY,
  WEB_IDENTITY_TOKEN,
} from '../limits.ts'
import type { StsUnsignedOperation } from '../operation.ts'
import {
  inheritTags,
  issue,
  readSessionPolicies,
  readSessionTags,
  roleTagKeys,
} from '../session-request.ts'
import { identifyByWebToken, webIdentityOf } from '../web-identity/federated-caller.ts'
import {
  type AssumeRoleWithWebIdentityRequest,
  type AssumeRoleWithWebIdentityResponse,
  stsSchema,
} from '../wire.ts'

const DEFAULT_SECONDS = 3600

export const AssumeRoleWithWebIdentity: StsUnsignedOperation<
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
  AssumableRole
> = {
  schema: stsSchema('AssumeRoleWithWebIdentity'),
  limits: {
    RoleArn: ARN,
    RoleSessionName: SESSION_NAME,
    WebIdentityToken: WEB_IDENTITY_TOKEN,
    ProviderId: PROVIDER_ID,
    PolicyArns: POLICY_ARNS,
    Policy: SESSION_POLICY,
    DurationSeconds: ROLE_SECONDS,
  },
  errors: [
    ExpiredTokenException,
    IDPCommunicationErrorException,
    InvalidIdentityTokenException,
    InvalidParameterValue,
    MalformedPolicyDocumentException,
    PackedPolicyTooLargeException,
  ],
  identify: identifyByWebToken,
  target(input, call) {
    // It names a provider of OAuth 2.0 access tokens; an ID token names its own.
    if (input.ProviderId !== undefined) {
      throw new ValidationException(
        'ProviderId cannot be specified with an OpenID Connect ID token.',
      )
    }
    readSessionPolicies(input)
    sessionTags(call)
    return after(
      call.stores.identities.findRole(input.RoleArn),
      (role) =>
        role ?? new Missing(input.RoleArn, call.account, denial('sts:AssumeRoleWithWebIdentity')),
    )
  },
  demands(target, input, call) {
    const { sourceIdentity } = webIdentityOf(call.caller)
    const demand = (action: string): Demand => ({
      action,
      resource: input.RoleArn,
      owner: call.account,
      conditions: conditionsOf(target, input.RoleSessionName, call),
      denial: denial(action).message,
      authority: 'delegation',
      // A role that is not there trusts nobody.
      policy: target instanceof Missing ? undefined : target.trustPolicy,
      grants: [],
    })
    return [
      demand('sts:AssumeRoleWithWebIdentity'),
      ...(sessionTags(call).tags.length > 0 ? [demand('sts:TagSession')] : []),
      ...(sourceIdentity === undefined ? [] : [demand('sts:SetSourceIdentity')]),
    ]
  },
  usage: () => [],
  resources: ({ account, arn }) => [{ account, type: 'AWS::IAM::Role', arn }],
  audit: {
    readOnly: true,
    show: ['RoleArn', 'RoleSessionName', 'PolicyArns', 'Policy', 'DurationSeconds'],
    showOutput: [
      'Credentials.AccessKeyId',
      'Credentials.Expiration',
      'SubjectFromWebIdentityToken',
      'AssumedRoleUser',
      'PackedPolicySize',
      'Provider',
      'Audience',
      'SourceIdentity',
    ],
  },
  handle(input, role, call) {
    const { provider, audience, subject, sourceIdentity } = webIdentityOf(call.caller)
    const durationSeconds = input.DurationSeconds ?? DEFAULT_SECONDS
    if (durationSeconds > role.maxSessionSeconds) {
      throw new ValidationException(
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      )
    }
    const facts: SessionFacts = {
      kind: 'role',
      account: role.account,
      principalId: role.id,
      name: input.RoleSessionName,
      ...readSessionPolicies(input),
      ...sessionTags(call),
      sourceIdentity,
      mfaAuthenticated: false,
      federatedProvider: provider,
      createdAtMs: call.nowMs,
      expiresAtMs: call.nowMs + durationSeconds * 1000,
    }
    return {
      ...issue(facts, call.stores),
      SubjectFromWebIdentityToken: subject,
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${input.RoleSessionName}`,
        Arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${input.RoleSessionName}`,
      },
      Provider: provider,
      Audience: audience,
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    }
  },
}

/** The same words whether the role is missing or trusts others. */
function denial(action: string): AccessDeniedException {
  return new AccessDeniedException(`Not authorized to perform ${action}`)
}

function conditionsOf(
  target: AssumableRole | Missing,
  sessionName: string,
  call: Call,
): ConditionKeys {
  return function* () {
    yield* roleTagKeys(target)
    const { sourceIdentity } = webIdentityOf(call.caller)
    const { tags, transitiveTagKeys } = sessionTags(call)
    yield ['sts:RoleSessionName', sessionName]
    if (sourceIdentity !== undefined) yield ['sts:SourceIdentity', sourceIdentity]
    yield ['sts:TransitiveTagKeys', transitiveTagKeys]
    yield ['aws:TagKeys', tags.map(([key]) => key)]
    for (const [key, value] of tags) yield [`aws:RequestTag/${key}`, value]
  }
}

function sessionTags({ caller }: Call) {
  const { tags, transitiveTagKeys } = webIdentityOf(caller)
  const asked = readSessionTags(tags.map(([Key, Value]) => ({ Key, Value })))
  return inheritTags(asked, transitiveTagKeys, [])
}
