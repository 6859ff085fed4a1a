// Callers as IAM knows them: who they are to policies, what binds them, and which condition keys follow.
import type { Caller, SessionIssuer } from '../../contract/caller.ts'
import type { SessionFacts } from '../../contract/session.ts'
import { type CallerPolicies, NO_POLICIES } from '../../policy/authorization-request.ts'
import { type CompiledPolicy, compilePolicyText } from '../../policy/compiled-policy.ts'
import { type ContextValue, contextOf, principalTags } from '../../policy/context.ts'
import {
  type FederatedUser,
  type Principal,
  principalKeys,
  type RoleSession,
  type RootUser,
} from '../../policy/principal.ts'
import { entityArn, type Role, type Tag, type User } from './entities/entity.ts'
import type { Standing } from './principals/standing-directory.ts'

/** The root user of an account. */
export function rootCaller(account: string, accessKeyId: string): Caller {
  const arn = rootArn(account)
  const principal: RootUser = { kind: 'root-user', account, arn }
  return {
    type: 'Root',
    account,
    arn,
    principalId: account,
    accessKeyId,
    userName: undefined,
    session: undefined,
    principal,
    policies: NO_POLICIES,
    context: contextOf(principalKeys(principal)),
  }
}

/** A user with an access key of its own. */
export function userCaller(
  user: User,
  { identity, boundary }: Standing,
  accessKeyId: string,
): Caller {
  const { account, id, name } = user
  const arn = entityArn('user', user)
  const principal: Principal = { kind: 'user', account, arn, id, name }
  return {
    type: 'IAMUser',
    account,
    arn,
    principalId: id,
    accessKeyId,
    userName: name,
    session: undefined,
    principal,
    policies: { ...NO_POLICIES, identity, boundary },
    context: contextOf([...principalKeys(principal), ...principalTags(pairs(user.tags), [])]),
  }
}

/** Whoever acts in a session of a role; `session` are its session policies. */
export function roleSessionCaller(
  role: Role,
  standing: Standing,
  facts: SessionFacts,
  accessKeyId: string,
  session: CallerPolicies['session'],
): Caller {
  const { account } = role
  const arn = roleSessionArn(role, facts.name)
  const roleArn = entityArn('role', role)
  const principal: RoleSession = {
    kind: 'role-session',
    account,
    arn,
    roleArn,
    roleId: role.id,
    sessionName: facts.name,
    role: role.linkedService === undefined ? 'customer' : 'service-linked',
  }
  return {
    type: 'AssumedRole',
    account,
    arn,
    principalId: `${role.id}:${facts.name}`,
    accessKeyId,
    userName: undefined,
    session: sessionOf(facts, {
      type: 'Role',
      principalId: role.id,
      arn: roleArn,
      account,
      userName: role.name,
    }),
    principal,
    policies: { ...NO_POLICIES, identity: standing.identity, boundary: standing.boundary, session },
    context: sessionContext(principal, role.tags, facts),
  }
}

/** Of a session of the role, which leaves the role's path out. */
export function roleSessionArn({ account, name }: Role, session: string): string {
  return `arn:aws:sts::${account}:assumed-role/${name}/${session}`
}

/** A federated user: what its maker may do, cut by the session policies. */
export function federatedCaller(
  maker: Standing | 'root',
  facts: SessionFacts,
  accessKeyId: string,
  session: CallerPolicies['session'],
): Caller {
  const { account, name } = facts
  const arn = `arn:aws:sts::${account}:federated-user/${name}`
  const user = maker === 'root' ? undefined : (maker.holder as User)
  const userArn = user === undefined ? rootArn(account) : entityArn('user', user)
  const userId = user?.id ?? account
  const principal: FederatedUser = { kind: 'federated-user', account, arn, name, userArn, userId }
  return {
    type: 'FederatedUser',
    account,
    arn,
    principalId: `${account}:${name}`,
    accessKeyId,
    userName: undefined,
    session: sessionOf(facts, {
      type: user === undefined ? 'Root' : 'IAMUser',
      principalId: userId,
      arn: userArn,
      account,
      userName: user?.name,
    }),
    principal,
    policies: {
      ...NO_POLICIES,
      identity: maker === 'root' ? [EVERYTHING] : maker.identity,
      boundary: maker === 'root' ? undefined : maker.boundary,
      // Without a session policy nothing allows, and what AWS keeps from federated users is kept all the same.
      session: [...(session ?? []), FEDERATED],
    },
    // Tags of the user come along: a policy that denies by them cannot be shaken off.
    context: sessionContext(principal, user?.tags ?? [], facts),
  }
}

/** A user, or the root user, in a session of its own: GetSessionToken. */
export function ownSessionCaller(own: Caller, facts: SessionFacts): Caller {
  const session = facts.mfaAuthenticated ? OWN_SESSION : OWN_SESSION_WITHOUT_MFA
  return {
    ...own,
    session: sessionOf(facts, undefined),
    policies: { ...own.policies, session: [session] },
    context: contextOf(sessionKeys(facts), own.context),
  }
}

function sessionOf(facts: SessionFacts, issuer: SessionIssuer | undefined): Caller['session'] {
  const transitive = new Set(facts.transitiveTagKeys.map((key) => key.toLowerCase()))
  return {
    createdAtMs: facts.createdAtMs,
    mfaAuthenticated: facts.mfaAuthenticated,
    sourceIdentity: facts.sourceIdentity,
    transitiveTags: facts.tags.filter(([key]) => transitive.has(key.toLowerCase())),
    issuer,
  }
}

function sessionContext(principal: Principal, tags: readonly Tag[], facts: SessionFacts) {
  return contextOf([
    ...principalKeys(principal),
    ...principalTags(pairs(tags), facts.tags),
    ...sessionKeys(facts),
  ])
}

/** The condition keys that temporary credentials have. */
function* sessionKeys(facts: SessionFacts): Generator<readonly [string, ContextValue]> {
  yield ['aws:TokenIssueTime', new Date(facts.createdAtMs).toISOString()]
  yield ['aws:MultiFactorAuthPresent', String(facts.mfaAuthenticated)]
  if (facts.sourceIdentity !== undefined) yield ['aws:SourceIdentity', facts.sourceIdentity]
  if (facts.federatedProvider !== undefined) {
    yield ['aws:FederatedProvider', facts.federatedProvider]
  }
}

function pairs(tags: readonly Tag[]): [name: string, value: string][] {
  return tags.map(({ key, value }) => [key, value])
}

function rootArn(account: string): string {
  return `arn:aws:iam::${account}:root`
}

function sessionPolicy(name: string, ...statements: readonly object[]): CompiledPolicy {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  return compilePolicyText(document, 'session', name)
}

const ALLOW_EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' }
const EVERYTHING = compilePolicyText(
  JSON.stringify({ Version: '2012-10-17', Statement: ALLOW_EVERYTHING }),
  'identity',
  'what the root user may',
)

// What AWS keeps from temporary credentials, as session policies; of STS what is named here.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
const NO_STS = [
  'sts:AssumeRoot',
  'sts:DecodeAuthorizationMessage',
  'sts:GetAccessKeyInfo',
  'sts:GetDelegatedAccessToken',
  'sts:GetFederationToken',
  'sts:GetServiceBearerToken',
  'sts:GetSessionToken',
  'sts:GetWebIdentityToken',
]
const OWN_SESSION = sessionPolicy('sessions of a user', ALLOW_EVERYTHING, {
  Effect: 'Deny',
  Action: NO_STS,
  Resource: '*',
})
const OWN_SESSION_WITHOUT_MFA = sessionPolicy('sessions of a user without MFA', ALLOW_EVERYTHING, {
  Effect: 'Deny',
  Action: ['iam:*', ...NO_STS],
  Resource: '*',
})
const FEDERATED = sessionPolicy('sessions of federated users', {
  Effect: 'Deny',
  Action: ['iam:*', 'sts:AssumeRole', ...NO_STS],
  Resource: '*',
})
