// Who may retire a grant, what policies can ask of its making, and what its token says.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../contract/caller.ts'
import {
  ALL_KMS,
  allow,
  deny,
  policy,
  ROLE,
  ROOT_B,
  to,
  USER,
} from '../../../policy/testing/cast.ts'
import { CreateKey } from '../operations/CreateKey.ts'
import { Decrypt } from '../operations/Decrypt.ts'
import { DescribeKey } from '../operations/DescribeKey.ts'
import { Encrypt } from '../operations/Encrypt.ts'
import { PutKeyPolicy } from '../operations/PutKeyPolicy.ts'
import { RetireGrant } from '../operations/RetireGrant.ts'
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
  X,
} from '../testing/grant-desk.ts'
import type { CreateGrantRequest } from '../wire.ts'

const on = grantDesk()
const { grant, encrypt } = on

describe('A grant is retired', () => {
  const retire = (GrantId: string | undefined, caller: Caller) =>
    on.desk.call(RetireGrant, caller, { KeyId: on.keyArn, GrantId })
  const closeKey = () =>
    on.desk.call(PutKeyPolicy, root, {
      KeyId: on.keyArn,
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
    await allowed(on.desk.call(RetireGrant, callerOf(of('userOfB')), { GrantToken }))
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
    const { CiphertextBlob } = await on.desk.call(Encrypt, ursula, {
      KeyId: on.keyArn,
      Plaintext: X,
      ...tokens,
    })
    await allowed(on.desk.call(Decrypt, ursula, { CiphertextBlob, ...tokens }))
    // It is no password: who is not the grantee gets nothing by it.
    await denied(on.desk.call(Encrypt, reader, { KeyId: on.keyArn, Plaintext: X, ...tokens }))
    const other = (await on.desk.call(CreateKey, root, {})).KeyMetadata?.Arn as string
    await denied(on.desk.call(Encrypt, ursula, { KeyId: other, Plaintext: X, ...tokens }))
  })

  it('of a grant that is gone says nothing any more', async () => {
    const { GrantToken, GrantId } = await grant({ GranteePrincipal: USER })
    await on.desk.call(RevokeGrant, root, { KeyId: on.keyArn, GrantId })
    await denied(
      on.desk.call(Encrypt, ursula, {
        KeyId: on.keyArn,
        Plaintext: X,
        GrantTokens: [GrantToken as string],
      }),
    )
  })

  it('that is none is refused, but by DescribeKey, which cannot say so', async () => {
    const GrantTokens = ['dGhpcyBpcyBubyB0b2tlbg']
    await expect(
      on.desk.call(Encrypt, root, { KeyId: on.keyArn, Plaintext: X, GrantTokens }),
    ).rejects.toThrow('The grant token is not valid.')
    await allowed(on.desk.call(DescribeKey, root, { KeyId: on.keyArn, GrantTokens }))
  })
})
