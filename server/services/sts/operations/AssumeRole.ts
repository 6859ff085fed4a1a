// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
import type { Call } from '../../../contract/call.ts'
import type { ConditionKeys, Demand } from '../../../contract/demand.ts'
import { AccessDeniedException, ValidationException } from '../../../contract/errors.ts'
import { after, Missing } from '../../../contract/operation.ts'
import type { AssumableRole } from '../../../contract/ports.ts'
import type { SessionFacts } from '../../../contract/session.ts'
import type { Checked } from '../../../schema/limits.ts'
import {
  InvalidParameterValue,
  MalformedPolicyDocumentException,
  PackedPolicyTooLargeException,
} from '../errors.ts'
import {
  ARN,
  EXTERNAL_ID,
  POLICY_ARNS,
  ROLE_SECONDS,
  SERIAL_NUMBER,
  SESSION_NAME,
  SESSION_POLICY,
  TAG_KEYS,
  TAGS,
  TOKEN_CODE,
} from '../limits.ts'
import type { StsOperation } from '../operation.ts'
import { requireNoMfa } from '../own-session.ts'
import {
  inheritTags,
  issue,
  readSessionPolicies,
  readSessionTags,
  roleTagKeys,
} from '../session-request.ts'
import { type AssumeRoleRequest, type AssumeRoleResponse, stsSchema } from '../wire.ts'

const ROLE_ARN = /^arn:aws:iam::(\d{12}):role\/[\x21-\x7e]+$/
const DEFAULT_SECONDS = 3600
/** A session that was itself begun with a session's credentials lasts no longer. */
const MAX_CHAINED_SECONDS = 3600

type Input = Checked<AssumeRoleRequest>

export const AssumeRole: StsOperation<AssumeRoleRequest, AssumeRoleResponse, AssumableRole> = {
  schema: stsSchema('AssumeRole'),
  limits: {
    RoleArn: ARN,
    RoleSessionName: SESSION_NAME,
    PolicyArns: POLICY_ARNS,
    Policy: SESSION_POLICY,
    DurationSeconds: ROLE_SECONDS,
    Tags: TAGS,
    TransitiveTagKeys: TAG_KEYS,
    ExternalId: EXTERNAL_ID,
    SerialNumber: SERIAL_NUMBER,
    TokenCode: TOKEN_CODE,
    SourceIdentity: SESSION_NAME,
  },
  errors: [InvalidParameterValue, MalformedPolicyDocumentException, PackedPolicyTooLargeException],
  target(input, call) {
    const [, account] = ROLE_ARN.exec(input.RoleArn) ?? []
    if (account === undefined) throw new ValidationException(`${input.RoleArn} is invalid`)
    if (call.caller.principal.kind === 'root-user') {
      throw new AccessDeniedException('Roles may not be assumed by root accounts.')
    }
    readSessionPolicies(input)
    sessionTags(input, call)
    return after(
      call.stores.identities.findRole(input.RoleArn),
      (role) => role ?? new Missing(input.RoleArn, account, denial('sts:AssumeRole', input, call)),
    )
  },
  demands(target, input, call) {
    const demand = (action: string): Demand => ({
      action,
      resource: input.RoleArn,
      owner: target instanceof Missing ? target.owner : target.account,
      conditions: conditionsOf(target, input, call),
      denial: denial(action, input, call).message,
      authority: 'delegation',
      // A role that is not there trusts nobody.
      policy: target instanceof Missing ? undefined : target.trustPolicy,
      grants: [],
    })
    const { tags } = sessionTags(input, call)
    return [
      demand('sts:AssumeRole'),
      ...(tags.length > 0 ? [demand('sts:TagSession')] : []),
      ...(sourceIdentityOf(input, call) === undefined ? [] : [demand('sts:SetSourceIdentity')]),
    ]
  },
  usage: () => [],
  resources: ({ account, arn }) => [{ account, type: 'AWS::IAM::Role', arn }],
  audit: {
    readOnly: true,
    show: [
      'RoleArn',
      'RoleSessionName',
      'PolicyArns',
      'Policy',
      'DurationSeconds',
      'Tags',
      'TransitiveTagKeys',
      'ExternalId',
      'SerialNumber',
      'SourceIdentity',
    ],
    showOutput: [
      'Credentials.AccessKeyId',
      'Credentials.Expiration',
      'AssumedRoleUser',
      'PackedPolicySize',
      'SourceIdentity',
    ],
  },
  handle(input, role, call) {
    requireNoMfa(input)
    const durationSeconds = input.DurationSeconds ?? DEFAULT_SECONDS
    requireDuration(durationSeconds, role, call)
    const sourceIdentity = sourceIdentityOf(input, call)
    const facts: SessionFacts = {
      kind: 'role',
      account: role.account,
      principalId: role.id,
      name: input.RoleSessionName,
      ...readSessionPolicies(input),
      ...sessionTags(input, call),
      sourceIdentity,
      mfaAuthenticated: false,
      federatedProvider: undefined,
      createdAtMs: call.nowMs,
      expiresAtMs: call.nowMs + durationSeconds * 1000,
    }
    return {
      ...issue(facts, call.stores),
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${input.RoleSessionName}`,
        Arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${input.RoleSessionName}`,
      },
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    }
  },
}

/** The same words whether the role is missing, does not trust the caller, or IAM says no. */
function denial(action: string, { RoleArn }: Input, { caller }: Call): AccessDeniedException {
  return new AccessDeniedException(
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${RoleArn}`,
  )
}

function conditionsOf(target: AssumableRole | Missing, input: Input, call: Call): ConditionKeys {
  return function* () {
    yield* roleTagKeys(target)
    const { tags, transitiveTagKeys } = sessionTags(input, call)
    const sourceIdentity = sourceIdentityOf(input, call)
    yield ['sts:RoleSessionName', input.RoleSessionName]
    if (input.ExternalId !== undefined) yield ['sts:ExternalId', input.ExternalId]
    if (sourceIdentity !== undefined) yield ['sts:SourceIdentity', sourceIdentity]
    yield ['sts:TransitiveTagKeys', transitiveTagKeys]
    yield ['aws:TagKeys', tags.map(([key]) => key)]
    for (const [key, value] of tags) yield [`aws:RequestTag/${key}`, value]
  }
}

function sessionTags({ Tags, TransitiveTagKeys = [] }: Input, { caller }: Call) {
  return inheritTags(readSessionTags(Tags), TransitiveTagKeys, caller.session?.transitiveTags ?? [])
}

/** Once set, a source identity goes on into every session that is begun with this one. */
function sourceIdentityOf({ SourceIdentity }: Input, { caller }: Call): string | undefined {
  const inherited = caller.session?.sourceIdentity
  if (inherited !== undefined && SourceIdentity !== undefined && SourceIdentity !== inherited) {
    throw new ValidationException('The source identity of the calling session cannot be changed.')
  }
  return inherited ?? SourceIdentity
}

function requireDuration(seconds: number, role: AssumableRole, { caller }: Call): void {
  if (caller.type === 'AssumedRole' && seconds > MAX_CHAINED_SECONDS) {
    throw new ValidationException(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    )
  }
  if (seconds > role.maxSessionSeconds) {
    throw new ValidationException(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  }
}
