// What grants allow, to whom, and what still limits them. The matrix of KMS's documentation and of what
// was observed: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../../contract/caller.ts'
import type { AccountPrincipal } from '../../../policy/principal.ts'
import {
  ALL_KMS,
  allow,
  cast,
  deny,
  policy,
  ROLE,
  ROOT_A,
  ROOT_B,
  SESSION,
  to,
  USER,
} from '../../../policy/testing/cast.ts'
import { CreateGrant } from '../operations/CreateGrant.ts'
import { CreateKey } from '../operations/CreateKey.ts'
import { Decrypt } from '../operations/Decrypt.ts'
import { DescribeKey } from '../operations/DescribeKey.ts'
import { Encrypt } from '../operations/Encrypt.ts'
import { ListGrants } from '../operations/ListGrants.ts'
import { PutKeyPolicy } from '../operations/PutKeyPolicy.ts'
import { RetireGrant } from '../operations/RetireGrant.ts'
import { RevokeGrant } from '../operations/RevokeGrant.ts'
import { callerOf, newDesk } from '../testing/desk.ts'
import type { CreateGrantRequest } from '../wire.ts'

const of = (name: keyof typeof cast) => cast[name] as AccountPrincipal
const root = callerOf(of('rootUser'))
const ursula = callerOf(of('user'))
const reader = callerOf(of('roleSession'))
const recreated = callerOf(of('recreatedRoleSession'))
const bert = (cast.userOfB as AccountPrincipal & { arn: string }).arn
const worker = 'arn:aws:iam::444455556666:role/worker'
const X = Buffer.from('x')
const S3_ONLY = policy(allow('s3:*'))

let desk: Awaited<ReturnType<typeof newDesk>>
let keyArn: string
beforeAll(async () => {
  desk = await newDesk()
})
afterAll(() => desk.close())
beforeEach(async () => {
  desk.principals.clear()
  desk.principals
    .set(USER, 'AIDAURSULA0000000001')
    .set(ROLE, 'AROAREADER0000000001')
    .set(bert, 'AIDABERT000000000001')
    .set(worker, 'AROAWORKER0000000001')
  keyArn = (await desk.call(CreateKey, root, {})).KeyMetadata?.Arn as string
})

function grant(input: Partial<CreateGrantRequest>, caller = root) {
  const Operations = input.Operations ?? ['Encrypt']
  return desk.call(CreateGrant, caller, { KeyId: keyArn, ...input, Operations })
}

function encrypt(caller: Caller, context?: Record<string, string>) {
  return desk.call(Encrypt, caller, { KeyId: keyArn, Plaintext: X, EncryptionContext: context })
}

const denied = (call: Promise<unknown>) => expect(call).rejects.toThrow('not authorized to perform')
const allowed = (call: Promise<unknown>) => expect(call).resolves.toBeDefined()

describe('In the key’s account a grant allows', () => {
  it('its grantee its operations, without any identity policy, and nobody else', async () => {
    await denied(encrypt(ursula))
    await grant({ GranteePrincipal: USER })
    await allowed(encrypt(ursula))
    await denied(encrypt(reader))
    await denied(desk.call(DescribeKey, ursula, { KeyId: keyArn }))
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
    const made = await desk.call(CreateKey, root, {
      Policy: JSON.stringify(closed),
      BypassPolicyLockoutSafetyCheck: true,
    })
    keyArn = made.KeyMetadata?.Arn as string
    await grant({ GranteePrincipal: ROOT_A }, ursula)
    await allowed(encrypt(root))
    await denied(encrypt(reader))
    await allowed(encrypt(callerOf(of('roleSession'), [ALL_KMS])))
  })

  it('nothing that is denied explicitly', async () => {
    await grant({ GranteePrincipal: USER })
    await denied(encrypt(callerOf(of('user'), [policy(deny('kms:Encrypt'))])))
    const denying = policy(allow('kms:*', to(ROOT_A)), deny('kms:Encrypt', to(USER)))
    await desk.call(PutKeyPolicy, root, { KeyId: keyArn, Policy: JSON.stringify(denying) })
    await denied(encrypt(ursula))
  })

  it('nothing to a role made anew under the old name, of which ListGrants shows the id', async () => {
    await grant({ GranteePrincipal: ROLE, RetiringPrincipal: USER })
    await allowed(encrypt(reader))
    desk.principals.set(ROLE, 'AROAREADER0000000002')
    desk.principals.delete(USER)
    await denied(encrypt(recreated))
    const { Grants } = await desk.call(ListGrants, root, { KeyId: keyArn })
    expect(Grants).toMatchObject([
      { GranteePrincipal: 'AROAREADER0000000001', RetiringPrincipal: 'AIDAURSULA0000000001' },
    ])
    const listed = await desk.call(ListGrants, root, {
      KeyId: keyArn,
      GranteePrincipal: 'AROAREADER0000000001',
    })
    expect(listed.Grants).toHaveLength(1)
    // The role that has the name now is another grantee.
    const byName = await desk.call(ListGrants, root, { KeyId: keyArn, GranteePrincipal: ROLE })
    expect(byName.Grants).toEqual([])
  })

  it('nothing to a session of a role made anew, although it is called the same', async () => {
    await grant({ GranteePrincipal: SESSION })
    await allowed(encrypt(reader))
    const shown = async () => (await desk.call(ListGrants, root, { KeyId: keyArn })).Grants ?? []
    expect(await shown()).toMatchObject([{ GranteePrincipal: SESSION }])
    desk.principals.set(ROLE, 'AROAREADER0000000002')
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
    await desk.call(PutKeyPolicy, root, { KeyId: keyArn, Policy })
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
    await allowed(desk.call(DescribeKey, ursula, { KeyId: keyArn }))
  })

  it('no call that is not made for the resource of its SourceArn', async () => {
    const SourceArn = 'arn:aws:s3:::a-bucket-of-somebody'
    await grant({
      GranteePrincipal: USER,
      Operations: ['Encrypt', 'DescribeKey'],
      Constraints: { SourceArn },
    })
    await denied(encrypt(ursula))
    await denied(desk.call(DescribeKey, ursula, { KeyId: keyArn }))
  })

  it('until it is revoked', async () => {
    const { GrantId } = await grant({ GranteePrincipal: USER })
    await allowed(encrypt(ursula))
    await desk.call(RevokeGrant, root, { KeyId: keyArn, GrantId })
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
    const [parent, child] = (await desk.call(ListGrants, root, { KeyId: keyArn })).Grants ?? []
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
    await desk.call(RevokeGrant, root, { KeyId: keyArn, GrantId: parent.GrantId })
    await allowed(encrypt(reader))
    await denied(grant({ GranteePrincipal: ROLE }, ursula))
  })
})

describe('A grant is retired', () => {
  const retire = (GrantId: string | undefined, caller: Caller) =>
    desk.call(RetireGrant, caller, { KeyId: keyArn, GrantId })
  const closeKey = () =>
    desk.call(PutKeyPolicy, root, {
      KeyId: keyArn,
      Policy: JSON.stringify(policy(allow('kms:*', to(USER)))),
      BypassPolicyLockoutSafetyCheck: true,
    })

  it('by its retiring principal, whatever the key policy says', async () => {
    const { GrantId } = await grant({ GranteePrincipal: ROLE, RetiringPrincipal: bert })
    await closeKey()
    await allowed(encrypt(reader))
    await allowed(retire(GrantId, callerOf(of('userOfB'))))
    await denied(encrypt(reader))
  })

  it('by its grantee only where it permits that', async () => {
    const without = await grant({ GranteePrincipal: ROLE })
    await denied(retire(without.GrantId, reader))
    const withIt = await grant({ GranteePrincipal: ROLE, Operations: ['Encrypt', 'RetireGrant'] })
    await allowed(retire(withIt.GrantId, reader))
  })

  it('by the account that issued it: its root user, and whom it lets', async () => {
    const ids = [1, 2, 3].map(() => grant({ GranteePrincipal: ROLE }))
    const [first, second, third] = await Promise.all(ids)
    await closeKey()
    await denied(retire(first?.GrantId, ursula))
    await allowed(retire(first?.GrantId, callerOf(of('user'), [ALL_KMS])))
    await allowed(retire(second?.GrantId, root))
    const rootOfB = callerOf({ kind: 'root-user', account: '444455556666', arn: ROOT_B })
    await denied(retire(third?.GrantId, rootOfB))
  })

  it('by nobody who is denied it explicitly', async () => {
    const { GrantId } = await grant({ GranteePrincipal: ROLE, RetiringPrincipal: USER })
    await denied(retire(GrantId, callerOf(of('user'), [policy(deny('kms:RetireGrant'))])))
  })

  it('by its token, which names the key as well', async () => {
    const { GrantToken } = await grant({ GranteePrincipal: ROLE, RetiringPrincipal: bert })
    await allowed(desk.call(RetireGrant, callerOf(of('userOfB')), { GrantToken }))
    await denied(encrypt(reader))
  })
})

describe('Key policies and identity policies can ask of CreateGrant', () => {
  const asked = async (condition: object, input: Partial<CreateGrantRequest>) => {
    const may = policy(allow('kms:CreateGrant', { Condition: condition }))
    return grant(input, callerOf(of('user'), [may]))
  }
  const all = { 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt', 'Decrypt'] } }
  it.each<[string, object, Partial<CreateGrantRequest>, boolean]>([
    ['all operations', all, { Operations: ['Encrypt'] }, true],
    ['all operations', all, { Operations: ['Encrypt', 'DescribeKey'] }, false],
    ['the grantee', { StringEquals: { 'kms:GranteePrincipal': ROLE } }, {}, true],
    ['the grantee', { StringEquals: { 'kms:GranteePrincipal': USER } }, {}, false],
    [
      'the retiring principal',
      { StringEquals: { 'kms:RetiringPrincipal': USER } },
      { RetiringPrincipal: USER },
      true,
    ],
    ['the retiring principal', { StringEquals: { 'kms:RetiringPrincipal': USER } }, {}, false],
    [
      'the type of constraint',
      { StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextSubset' } },
      { Constraints: { EncryptionContextSubset: { p: '1' } } },
      true,
    ],
    [
      'the type of constraint',
      { StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextSubset' } },
      { Constraints: { EncryptionContextEquals: { p: '1' } } },
      false,
    ],
    [
      'the constrained context',
      { StringEquals: { 'kms:EncryptionContext:p': '1' } },
      { Constraints: { EncryptionContextEquals: { p: '1' } } },
      true,
    ],
    [
      'whether it is for a resource of AWS',
      { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      {},
      false,
    ],
  ])('for %s: %j with %j: %s', async (_, condition, input, isAllowed) => {
    const made = asked(condition, { GranteePrincipal: ROLE, ...input })
    await (isAllowed ? allowed(made) : denied(made))
  })
})

describe('A grant token', () => {
  it('is taken with every call, and counts only for its own grant and key', async () => {
    const { GrantToken } = await grant({
      GranteePrincipal: USER,
      Operations: ['Encrypt', 'Decrypt'],
    })
    const tokens = { GrantTokens: [GrantToken as string] }
    const { CiphertextBlob } = await desk.call(Encrypt, ursula, {
      KeyId: keyArn,
      Plaintext: X,
      ...tokens,
    })
    await allowed(desk.call(Decrypt, ursula, { CiphertextBlob, ...tokens }))
    // It is no password: who is not the grantee gets nothing by it.
    await denied(desk.call(Encrypt, reader, { KeyId: keyArn, Plaintext: X, ...tokens }))
    const other = (await desk.call(CreateKey, root, {})).KeyMetadata?.Arn as string
    await denied(desk.call(Encrypt, ursula, { KeyId: other, Plaintext: X, ...tokens }))
  })

  it('of a grant that is gone says nothing any more', async () => {
    const { GrantToken, GrantId } = await grant({ GranteePrincipal: USER })
    await desk.call(RevokeGrant, root, { KeyId: keyArn, GrantId })
    await denied(
      desk.call(Encrypt, ursula, {
        KeyId: keyArn,
        Plaintext: X,
        GrantTokens: [GrantToken as string],
      }),
    )
  })

  it('that is none is refused, but by DescribeKey, which cannot say so', async () => {
    const GrantTokens = ['dGhpcyBpcyBubyB0b2tlbg']
    await expect(
      desk.call(Encrypt, root, { KeyId: keyArn, Plaintext: X, GrantTokens }),
    ).rejects.toThrow('The grant token is not valid.')
    await allowed(desk.call(DescribeKey, root, { KeyId: keyArn, GrantTokens }))
  })
})
