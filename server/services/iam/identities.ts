// Who there is, as the rest of the server asks: behind an access key, behind an ARN, behind an id.
import type { Caller } from '../../contract/caller.ts'
import { type Awaitable, after } from '../../contract/operation.ts'
import type { Credential, Identities } from '../../contract/ports.ts'
import type { SessionFacts } from '../../contract/session.ts'
import type { CompiledPolicy } from '../../policy/compiled-policy.ts'
import type { RootKey } from '../../seal/root-key.ts'
import type { Storage } from '../../storage/storage.ts'
import { accessKeyDirectory, ROOT, type SigningKey } from './access-key-directory.ts'
import type { AccessKeyUses } from './access-key-use-store.ts'
import { accountDirectory } from './account-directory.ts'
import {
  federatedCaller,
  ownSessionCaller,
  roleSessionArn,
  roleSessionCaller,
  rootCaller,
  userCaller,
} from './callers.ts'
import { entityArn, type Role } from './entities/entity.ts'
import { entityDirectory } from './entities/entity-directory.ts'
import { accountToldBy } from './entities/unique-id.ts'
import { oidcProviderArn } from './oidc/oidc-provider.ts'
import { oidcProviderStore } from './oidc/oidc-provider-store.ts'
import { compileOrDeny } from './policies/compiled-policies.ts'
import { type Standing, standingDirectory } from './principals/standing-directory.ts'
import { openSessionKey } from './sessions/session-key-store.ts'
import { type OpenedSession, sessionTokens } from './sessions/session-token.ts'

const ROOT_USER = /^arn:aws:iam::(\d{12}):root$/
const USER_OR_ROLE = /:(?:user|role)\//
const ROLE_SESSION = /^arn:aws:sts::(\d{12}):assumed-role\/([\w+=,.@-]{1,64})\/([\w+=,.@-]{2,64})$/

/** Of a process for which no access key signs. */
const NO_USES: AccessKeyUses = {
  note() {},
  find: () => Promise.resolve(undefined),
  flush: () => Promise.resolve(),
}

/** A credential, and the moment of its account's IAM for which it was made. */
type Made = { readonly moment: string; readonly credential: Credential }

export async function openIdentities(
  storage: Storage,
  rootKey: RootKey,
  uses: AccessKeyUses = NO_USES,
): Promise<Identities> {
  const accounts = accountDirectory(storage, rootKey)
  const accessKeys = accessKeyDirectory(storage, rootKey)
  const entities = entityDirectory(storage, rootKey)
  const standings = standingDirectory(storage, rootKey)
  const tokens = sessionTokens(await openSessionKey(storage, rootKey))
  // Made once for each change of the account's IAM: what signs and what a session says is the same object
  // until it changes.
  const ofKeys = new WeakMap<SigningKey, Made>()
  const ofSessions = new WeakMap<OpenedSession, Made>()

  function keyCredential(key: SigningKey): Awaitable<Credential | undefined> {
    const moment = standings.moment(key.account)
    const made = ofKeys.get(key)
    if (made?.moment === moment) return made.credential
    return after(keyCaller(key), (caller) => {
      if (caller === undefined) return undefined
      const credential = { caller, signingSecret: key.signingSecret, expiresAtMs: undefined }
      ofKeys.set(key, { moment, credential })
      return credential
    })
  }

  function keyCaller({
    account,
    principal,
    accessKeyId,
  }: SigningKey): Awaitable<Caller | undefined> {
    if (principal === ROOT) return rootCaller(account, accessKeyId)
    return after(standings.find(account, principal), (standing) =>
      standing?.holder.kind === 'user'
        ? userCaller(standing.holder, standing, accessKeyId)
        : undefined,
    )
  }

  function sessionCredential(
    opened: OpenedSession,
    accessKeyId: string,
  ): Awaitable<Credential | undefined> {
    const moment = standings.moment(opened.facts.account)
    const made = ofSessions.get(opened)
    if (made?.moment === moment) return made.credential
    return after(findSessionCaller(opened.facts, accessKeyId), (caller) => {
      if (caller === undefined) return undefined
      const { signingSecret, facts } = opened
      const credential = { caller, signingSecret, expiresAtMs: facts.expiresAtMs }
      ofSessions.set(opened, { moment, credential })
      return credential
    })
  }

  async function findSessionCaller(
    facts: SessionFacts,
    accessKeyId: string,
  ): Promise<Caller | undefined> {
    const { account, principalId, kind } = facts
    const standing = principalId === account ? 'root' : await standings.find(account, principalId)
    if (standing === undefined) return undefined
    const session = await sessionPolicies(facts)
    if (kind === 'role') {
      if (standing === 'root' || standing.holder.kind !== 'role') return undefined
      return roleSessionCaller(standing.holder, standing, facts, accessKeyId, session)
    }
    if (standing !== 'root' && standing.holder.kind !== 'user') return undefined
    if (kind === 'federated') return federatedCaller(standing, facts, accessKeyId, session)
    return ownSessionCaller(ownCaller(standing, facts, accessKeyId), facts)
  }

  async function sessionPolicies({
    account,
    policy,
    policyArns,
  }: SessionFacts): Promise<readonly CompiledPolicy[] | undefined> {
    if (policy === undefined && policyArns.length === 0) return undefined
    const managed = await Promise.all(
      policyArns.map((arn) => standings.managed(account, 'session', arn)),
    )
    return policy === undefined
      ? managed
      : [compileOrDeny('session', 'the session policy', policy), ...managed]
  }

  return {
    findCredential(accessKeyId, sessionToken) {
      if (sessionToken === undefined) {
        return after(accessKeys.find(accessKeyId), (key) => key && keyCredential(key))
      }
      const opened = tokens.open(accessKeyId, sessionToken)
      return opened && sessionCredential(opened, accessKeyId)
    },
    async findOidcProvider(account, url) {
      const provider = await oidcProviderStore(storage, rootKey, account).find(url)
      if (provider === undefined) return undefined
      const { clientIds } = provider
      const thumbprints = provider.thumbprints.map((text) => text.toLowerCase())
      return { account, arn: oidcProviderArn(provider), url, clientIds, thumbprints }
    },
    findSessionCaller,
    async findCaller(arn, nowMs) {
      const root = ROOT_USER.exec(arn)?.[1]
      if (root !== undefined)
        return (await accounts.exists(root)) ? rootCaller(root, '') : undefined
      const entity = USER_OR_ROLE.test(arn) ? await entities.findByArn(arn) : undefined
      if (entity?.kind === 'role') return findSessionCaller(plainSession(entity, nowMs), '')
      if (entity?.kind !== 'user') return undefined
      const standing = await standings.find(entity.account, entity.id)
      return standing?.holder.kind === 'user'
        ? userCaller(standing.holder, standing, '')
        : undefined
    },
    listPrincipals: (account) => entities.listPrincipals(account),
    noteUse: uses.note,
    findLastUse: uses.find,
    issueSession: tokens.issue,
    encodeMessage: tokens.encodeMessage,
    decodeMessage: tokens.decodeMessage,
    async findAccountOfKey(accessKeyId) {
      const known = await accessKeys.findAccount(accessKeyId)
      if (known !== undefined) return known
      // Of sessions, and of keys that are gone, only the id itself can tell.
      const told = accountToldBy(accessKeyId)
      return told !== undefined && (await accounts.exists(told)) ? told : undefined
    },
    async findPrincipalId(arn) {
      const account = ROOT_USER.exec(arn)?.[1]
      if (account !== undefined) return (await accounts.exists(account)) ? account : undefined
      if (USER_OR_ROLE.test(arn)) return (await entities.findByArn(arn))?.id
      const [, ofAccount, name, session] = ROLE_SESSION.exec(arn) ?? []
      if (ofAccount === undefined || name === undefined) return undefined
      const role = await entities.findByName(ofAccount, 'role', name)
      return role?.name === name ? `${role.id}:${session}` : undefined
    },
    async findPrincipalArn(id) {
      const [ownId = '', session] = id.split(':')
      const entity = await entities.findById(ownId)
      if (entity?.kind !== 'user' && entity?.kind !== 'role') return undefined
      if (session === undefined) return entityArn(entity.kind, entity)
      return entity.kind === 'role' ? roleSessionArn(entity, session) : undefined
    },
    async findRole(arn) {
      const role = await entities.findByArn(arn)
      if (role?.kind !== 'role') return undefined
      const { account, id, name, path, version, trustPolicy, maxSessionSeconds, tags } = role
      return {
        account,
        arn,
        id,
        name,
        path,
        version,
        trustPolicy: compileOrDeny('trust', arn, trustPolicy),
        maxSessionSeconds,
        tags: tags.map(({ key, value }) => [key, value] as const),
        isServiceLinked: role.linkedService !== undefined,
      }
    },
  }
}

/** A session of the role as anybody could begin it, with nothing of its own. */
function plainSession({ account, id }: Role, nowMs: number): SessionFacts {
  return {
    kind: 'role',
    account,
    principalId: id,
    name: 'session',
    policy: undefined,
    policyArns: [],
    tags: [],
    transitiveTagKeys: [],
    sourceIdentity: undefined,
    mfaAuthenticated: false,
    federatedProvider: undefined,
    createdAtMs: nowMs,
    expiresAtMs: nowMs,
  }
}

function ownCaller(standing: Standing | 'root', facts: SessionFacts, accessKeyId: string): Caller {
  if (standing === 'root') return rootCaller(facts.account, accessKeyId)
  const { holder } = standing
  if (holder.kind !== 'user') throw new Error(`${holder.id} is no user`)
  return userCaller(holder, standing, accessKeyId)
}
