// Whose session signs, bound by what its role, its user or its maker may now: on both databases.
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../contract/caller.ts'
import type { SessionFacts, TemporaryCredentials } from '../../contract/session.ts'
import { dialects } from '../../storage/testing/dialects.ts'
import { entityArn } from './entities/entity.ts'
import { identityProcesses, keyValue, may, type Process } from './testing/identity-processes.ts'
import { ACCOUNT, allowing, NOW_MS, OTHER, policyOf, roleOf, userOf } from './testing/stores.ts'

describe.each(dialects)('Sessions on $name', (dialect) => {
  const { fresh, insert, keyFor } = identityProcesses(dialect)

  const facts = (principalId: string, some: Partial<SessionFacts>): SessionFacts => ({
    kind: 'role',
    account: ACCOUNT,
    principalId,
    name: 'session',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 3_600_000,
    mfaAuthenticated: false,
    sourceIdentity: undefined,
    federatedProvider: undefined,
    policy: undefined,
    policyArns: [],
    tags: [],
    transitiveTagKeys: [],
    ...some,
  })
  const begin = ({ identities }: Process, session: SessionFacts) => {
    const { accessKeyId, sessionToken } = identities.issueSession(session) as TemporaryCredentials
    return () => identities.findCredential(accessKeyId, sessionToken)
  }

  it('a role session may what the role may now, and dies with it', async () => {
    const process = await fresh()
    const role = roleOf('App', {
      path: '/x/',
      inline: [{ name: 'p', document: allowing('kms:*') }],
      tags: [
        { key: 'team', value: 'role' },
        { key: 'kept', value: 'role' },
      ],
    })
    await insert(process, role)
    const session = begin(
      process,
      facts(role.id, {
        sourceIdentity: 'someone',
        tags: [
          ['Team', 'session'],
          ['other', 'x'],
        ],
        transitiveTagKeys: ['team'],
      }),
    )
    const credential = await session()
    const caller = credential?.caller
    expect(credential?.expiresAtMs).toBe(NOW_MS + 3_600_000)
    expect(caller).toMatchObject({
      type: 'AssumedRole',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`,
      principalId: `${role.id}:session`,
      session: {
        sourceIdentity: 'someone',
        transitiveTags: [['Team', 'session']],
        issuer: { type: 'Role', principalId: role.id, userName: 'App' },
      },
    })
    expect(may(caller, 'kms:Decrypt')).toBe(true)
    const told = ['aws:PrincipalTag/TEAM', 'aws:PrincipalTag/kept', 'aws:SourceIdentity']
    expect(told.map((key) => keyValue(caller, key))).toEqual(['session', 'role', 'someone'])
    expect(keyValue(caller, 'aws:MultiFactorAuthPresent')).toBe('false')
    expect(keyValue(caller, 'aws:TokenIssueTime')).toBe(new Date(NOW_MS).toISOString())
    expect(keyValue(caller, 'aws:PrincipalArn')).toBe(entityArn('role', role))
    const again = await session()
    expect(session()).toBe(again)
    await process.storage.write((tx) => process.entities.change(tx, role, { inline: [] }))
    expect(may((await session())?.caller, 'kms:Decrypt')).toBe(false)
    const changed = { ...role, version: 2 }
    await process.storage.write((tx) => process.entities.delete(tx, changed))
    await insert(process, roleOf('App', { path: '/x/' }))
    expect(await session()).toBeUndefined()
  })

  it('session policies cut what the role may, and one that is gone or broken cuts everything', async () => {
    const process = await fresh()
    const role = roleOf('App', { inline: [{ name: 'p', document: allowing('kms:*') }] })
    const policy = policyOf('S', allowing('kms:Encrypt'))
    await insert(process, role, policy)
    const arn = entityArn('policy', policy)
    const mayDo = async (some: Partial<SessionFacts>) => {
      const caller = (await begin(process, facts(role.id, some))())?.caller
      return [may(caller, 'kms:Encrypt'), may(caller, 'kms:Decrypt'), may(caller, 's3:GetObject')]
    }
    expect(await mayDo({})).toEqual([true, true, false])
    expect(await mayDo({ policy: allowing('kms:Decrypt') })).toEqual([false, true, false])
    expect(await mayDo({ policyArns: [arn] })).toEqual([true, false, false])
    expect(await mayDo({ policy: allowing('s3:*'), policyArns: [arn] })).toEqual([
      true,
      false,
      false,
    ])
    expect(await mayDo({ policyArns: [arn, `${arn}Gone`] })).toEqual([false, false, false])
    expect(await mayDo({ policy: 'not a policy' })).toEqual([false, false, false])
  })

  it('a user’s own session may what the user may, but no IAM without MFA', async () => {
    const process = await fresh()
    const user = userOf('alice', { inline: [{ name: 'p', document: allowing('*') }] })
    await insert(process, user)
    const own = (principalId: string, some: Partial<SessionFacts> = {}) =>
      begin(process, facts(principalId, { kind: 'user', name: '', ...some }))()
    const plain = (await own(user.id))?.caller
    const withMfa = (await own(user.id, { mfaAuthenticated: true }))?.caller
    const ofRoot = (await own(ACCOUNT))?.caller
    expect(plain).toMatchObject({ type: 'IAMUser', principalId: user.id, userName: 'alice' })
    expect(ofRoot).toMatchObject({ type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` })
    const actions = ['kms:Decrypt', 'sts:AssumeRole', 'iam:GetUser', 'sts:GetSessionToken']
    const mayDo = (caller: Caller | undefined) => actions.map((action) => may(caller, action))
    expect(mayDo(plain)).toEqual([true, true, false, false])
    expect(mayDo(withMfa)).toEqual([true, true, true, false])
    expect(mayDo(ofRoot)).toEqual([true, true, false, false])
    expect(keyValue(withMfa, 'aws:MultiFactorAuthPresent')).toBe('true')
  })

  it('a federated user may what both its maker and its session policy allow', async () => {
    const process = await fresh()
    const user = userOf('maker', { inline: [{ name: 'p', document: allowing('*') }] })
    await insert(process, user)
    const mayDo = async (principalId: string, policy: string | undefined) => {
      const session = facts(principalId, { kind: 'federated', name: 'fred', policy })
      const caller = (await begin(process, session)())?.caller
      expect(caller).toMatchObject({
        type: 'FederatedUser',
        arn: `arn:aws:sts::${ACCOUNT}:federated-user/fred`,
        principalId: `${ACCOUNT}:fred`,
      })
      return ['kms:Decrypt', 's3:GetObject', 'iam:GetUser'].map((action) => may(caller, action))
    }
    expect(await mayDo(user.id, allowing('kms:*'))).toEqual([true, false, false])
    expect(await mayDo(user.id, allowing('*'))).toEqual([true, true, false])
    expect(await mayDo(user.id, undefined)).toEqual([false, false, false])
    expect(await mayDo(ACCOUNT, allowing('kms:*'))).toEqual([true, false, false])
  })

  it('no session is anybody’s but whom its facts name', async () => {
    const process = await fresh()
    const [user, role] = [userOf('u'), roleOf('r')] as const
    await insert(process, user, role)
    for (const some of [
      facts(user.id, { kind: 'role' }),
      facts(role.id, { kind: 'user' }),
      facts(role.id, { kind: 'federated' }),
      facts(ACCOUNT, { kind: 'role' }),
      facts(role.id, { account: OTHER }),
    ]) {
      expect(await begin(process, some)()).toBeUndefined()
    }
    const key = await keyFor(process, user.id)
    expect(await process.identities.findCredential(key, 'a token')).toBeUndefined()
  })
})
