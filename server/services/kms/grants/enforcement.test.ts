// What grants allow, to whom, and what still limits them. The matrix of KMS's documentation and of what
// was observed: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
import { describe, expect, it } from 'vitest'
import {
  ALL_KMS,
  allow,
  deny,
  policy,
  ROLE,
  ROOT_A,
  ROOT_B,
  SESSION,
  to,
  USER,
} from '../../../policy/testing/cast.ts'
import { CreateKey } from '../operations/CreateKey.ts'
import { DescribeKey } from '../operations/DescribeKey.ts'
import { ListGrants } from '../operations/ListGrants.ts'
import { PutKeyPolicy } from '../operations/PutKeyPolicy.ts'
import { RevokeGrant } from '../operations/RevokeGrant.ts'
import { callerOf } from '../testing/desk.ts'
import {
  allowed,
  bert,
  denied,
  grantDesk,
  of,
  reader,
  root,
  ursula,
  worker,
} from '../testing/grant-desk.ts'
import type { CreateGrantRequest } from '../wire.ts'

const recreated = callerOf(of('recreatedRoleSession'))
const S3_ONLY = policy(allow('s3:*'))

const on = grantDesk()
const { grant, encrypt } = on

describe('In the key’s account a grant allows', () => {
  it('its grantee its operations, without any identity policy, and nobody else', async () => {
    await denied(encrypt(ursula))
    await grant({ GranteePrincipal: USER })
    await allowed(encrypt(ursula))
    await denied(encrypt(reader))
    await denied(on.desk.call(DescribeKey, ursula, { KeyId: on.keyArn }))
  })

  it.each<[string, string, { boundary?: object; session?: object[] }, boolean]>([
    ['a user', USER, { boundary: S3_ONLY }, true],
    ['a role’s session', ROLE, {}, true],
    ['a role’s session within its session policy', ROLE, { session: [S3_ONLY] }, false],
    ['a role’s session within its session policy', ROLE, { session: [ALL_KMS] }, true],
    ['a role’s session within its boundary', ROLE, { boundary: S3_ONLY }, false],
    ['exactly this session, whatever its session policy', SESSION, { session: [S3_ONLY] }, true],
    ['exactly this session, whatever its boundary', SESSION, { boundary: S3_ONLY }, true],
  ])('%s: %s, bound by %j: %s', async (_, grantee, bound, isAllowed) => {
    await grant({ GranteePrincipal: grantee })
    const principal = of(grantee === USER ? 'user' : 'roleSession')
    const use = encrypt(callerOf(principal, [], bound))
    await (isAllowed ? allowed(use) : denied(use))
  })

  it('the account only what its identity policies allow as well', async () => {
    const closed = policy(allow('kms:*', to(USER)))
    const made = await on.desk.call(CreateKey, root, {
      Policy: JSON.stringify(closed),
      BypassPolicyLockoutSafetyCheck: true,
    })
    on.use(made.KeyMetadata?.Arn as string)
    await grant({ GranteePrincipal: ROOT_A }, ursula)
    await allowed(encrypt(root))
    await denied(encrypt(reader))
    await allowed(encrypt(callerOf(of('roleSession'), [ALL_KMS])))
  })

  it('nothing that is denied explicitly', async () => {
    await grant({ GranteePrincipal: USER })
    await denied(encrypt(callerOf(of('user'), [policy(deny('kms:Encrypt'))])))
    const denying = policy(allow('kms:*', to(ROOT_A)), deny('kms:Encrypt', to(USER)))
    await on.desk.call(PutKeyPolicy, root, { KeyId: on.keyArn, Policy: JSON.stringify(denying) })
    await denied(encrypt(ursula))
  })

  it('nothing to a role made anew under the old name, of which ListGrants shows the id', async () => {
    await grant({ GranteePrincipal: ROLE, RetiringPrincipal: USER })
    await allowed(encrypt(reader))
    on.desk.principals.set(ROLE, 'AROAREADER0000000002')
    on.desk.principals.delete(USER)
    await denied(encrypt(recreated))
    const { Grants } = await on.desk.call(ListGrants, root, { KeyId: on.keyArn })
    expect(Grants).toMatchObject([
      { GranteePrincipal: 'AROAREADER0000000001', RetiringPrincipal: 'AIDAURSULA0000000001' },
    ])
    const listed = await on.desk.call(ListGrants, root, {
      KeyId: on.keyArn,
      GranteePrincipal: 'AROAREADER0000000001',
    })
    expect(listed.Grants).toHaveLength(1)
    // The role that has the name now is another grantee.
    const byName = await on.desk.call(ListGrants, root, {
      KeyId: on.keyArn,
      GranteePrincipal: ROLE,
    })
    expect(byName.Grants).toEqual([])
  })

  it('nothing to a session of a role made anew, although it is called the same', async () => {
    await grant({ GranteePrincipal: SESSION })
    await allowed(encrypt(reader))
    const shown = async () =>
      (await on.desk.call(ListGrants, root, { KeyId: on.keyArn })).Grants ?? []
    expect(await shown()).toMatchObject([{ GranteePrincipal: SESSION }])
    on.desk.principals.set(ROLE, 'AROAREADER0000000002')
    await denied(encrypt(recreated))
    expect(await shown()).toMatchObject([{ GranteePrincipal: 'AROAREADER0000000001:session-1' }])
    await grant({ GranteePrincipal: SESSION })
    await allowed(encrypt(recreated))
    expect(await shown()).toHaveLength(2)
  })

  it('nothing to whom a policy denies it, under whatever name', async () => {
    const denying = {
      ...to(ROOT_A),
      Condition: { StringEquals: { 'kms:GranteePrincipal': [USER, ROOT_A] } },
    }
    const Policy = JSON.stringify(
      policy(allow('kms:*', to(ROOT_A)), deny('kms:CreateGrant', denying)),
    )
    await on.desk.call(PutKeyPolicy, root, { KeyId: on.keyArn, Policy })
    for (const name of [USER, ROOT_A]) await denied(grant({ GranteePrincipal: name }))
    for (const name of ['AIDAURSULA0000000001', '111122223333', USER.toUpperCase()]) {
      const other = grant({ GranteePrincipal: name })
      await expect(other).rejects.toThrow('ARN does not refer to a valid principal')
    }
    await denied(encrypt(ursula))
    await allowed(grant({ GranteePrincipal: ROLE }))
  })

  it('nothing to a session of a role that is not there; AWS’s own sessions have no role', async () => {
    const none = SESSION.replace('reader', 'nobody')
    await expect(grant({ GranteePrincipal: none })).rejects.toThrow(none)
    await allowed(grant({ GranteePrincipal: SESSION.replace('reader', 'aws:ec2-infrastructure') }))
  })

  it('what its constraints admit: a subset or all of the context, in exact case', async () => {
    await grant({ GranteePrincipal: USER, Constraints: { EncryptionContextSubset: { p: '1' } } })
    await allowed(encrypt(ursula, { p: '1', q: '2' }))
    await denied(encrypt(ursula, { p: '2' }))
    await denied(encrypt(ursula, { P: '1' }))
    await denied(encrypt(ursula))
    await grant({ GranteePrincipal: ROLE, Constraints: { EncryptionContextEquals: { p: '1' } } })
    await allowed(encrypt(reader, { p: '1' }))
    await denied(encrypt(reader, { p: '1', q: '2' }))
  })

  it('DescribeKey whatever the constraints on the context are', async () => {
    await grant({
      GranteePrincipal: USER,
      Operations: ['Encrypt', 'DescribeKey'],
      Constraints: { EncryptionContextEquals: { p: '1' } },
    })
    await allowed(on.desk.call(DescribeKey, ursula, { KeyId: on.keyArn }))
  })

  it('no call that is not made for the resource of its SourceArn', async () => {
    const SourceArn = 'arn:aws:s3:::a-bucket-of-somebody'
    await grant({
      GranteePrincipal: USER,
      Operations: ['Encrypt', 'DescribeKey'],
      Constraints: { SourceArn },
    })
    await denied(encrypt(ursula))
    await denied(on.desk.call(DescribeKey, ursula, { KeyId: on.keyArn }))
  })

  it('until it is revoked', async () => {
    const { GrantId } = await grant({ GranteePrincipal: USER })
    await allowed(encrypt(ursula))
    await on.desk.call(RevokeGrant, root, { KeyId: on.keyArn, GrantId })
    await denied(encrypt(ursula))
  })
})

describe('Across accounts a grant', () => {
  const ofB = (identity: object[] = []) => callerOf(of('userOfB'), identity)

  it('of the key’s owner speaks for the key’s side only', async () => {
    await grant({ GranteePrincipal: bert })
    await denied(encrypt(ofB()))
    await denied(encrypt(ofB([S3_ONLY])))
    await allowed(encrypt(ofB([ALL_KMS])))
  })

  it('of the key’s owner to a role is limited by boundary and session policy', async () => {
    await grant({ GranteePrincipal: worker })
    const session = (bound: object) => callerOf(of('roleSessionOfB'), [ALL_KMS], bound)
    await allowed(encrypt(session({})))
    await denied(encrypt(session({ session: [S3_ONLY] })))
    await denied(encrypt(session({ boundary: S3_ONLY })))
  })

  it('that the grantee’s account makes from one that it holds speaks for both sides', async () => {
    await grant({ GranteePrincipal: ROOT_B, Operations: ['CreateGrant', 'Encrypt'] })
    const rootOfB = callerOf({ kind: 'root-user', account: '444455556666', arn: ROOT_B })
    await denied(encrypt(ofB()))
    await grant({ GranteePrincipal: bert }, rootOfB)
    await allowed(encrypt(ofB()))
    const [parent, child] =
      (await on.desk.call(ListGrants, root, { KeyId: on.keyArn })).Grants ?? []
    expect([parent?.IssuingAccount, child?.IssuingAccount].sort()).toEqual([ROOT_A, ROOT_B])
  })
})

describe('A grant from a grant', () => {
  it('permits what one single parent permits, and not what two permit together', async () => {
    await grant({ GranteePrincipal: USER, Operations: ['CreateGrant', 'Decrypt'] })
    await allowed(grant({ GranteePrincipal: ROLE, Operations: ['Decrypt'] }, ursula))
    await denied(grant({ GranteePrincipal: ROLE, Operations: ['Encrypt'] }, ursula))
    await grant({ GranteePrincipal: USER, Operations: ['CreateGrant', 'Encrypt'] })
    await allowed(grant({ GranteePrincipal: ROLE, Operations: ['Encrypt'] }, ursula))
    await denied(grant({ GranteePrincipal: ROLE, Operations: ['Decrypt', 'Encrypt'] }, ursula))
    // Without CreateGrant among them they permit no child at all.
    await grant({ GranteePrincipal: ROLE, Operations: ['Decrypt', 'DescribeKey'] })
    await denied(grant({ GranteePrincipal: USER, Operations: ['DescribeKey'] }, reader))
  })

  it('is constrained at least as strictly', async () => {
    const parent = { EncryptionContextSubset: { tenant: 'a' } }
    await grant({
      GranteePrincipal: USER,
      Operations: ['CreateGrant', 'Encrypt'],
      Constraints: parent,
    })
    const child = (Constraints?: CreateGrantRequest['Constraints']) =>
      grant({ GranteePrincipal: ROLE, Constraints }, ursula)
    await denied(child())
    await denied(child({ EncryptionContextSubset: { tenant: 'b' } }))
    await denied(child({ EncryptionContextSubset: { Tenant: 'a' } }))
    await allowed(child({ EncryptionContextSubset: { tenant: 'a', more: 'x' } }))
    await allowed(child({ EncryptionContextEquals: { tenant: 'a' } }))
    await allowed(encrypt(reader, { tenant: 'a' }))
    await denied(encrypt(reader, { tenant: 'a', other: 'y' }))
  })

  it('outlives its parent', async () => {
    const parent = await grant({ GranteePrincipal: USER, Operations: ['CreateGrant', 'Encrypt'] })
    await grant({ GranteePrincipal: ROLE }, ursula)
    await on.desk.call(RevokeGrant, root, { KeyId: on.keyArn, GrantId: parent.GrantId })
    await allowed(encrypt(reader))
    await denied(grant({ GranteePrincipal: ROLE }, ursula))
  })
})
