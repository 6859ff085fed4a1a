// Whom a key policy names is kept by unique id, and shown by what it is called now.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AccountPrincipal } from '../../../policy/principal.ts'
import {
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
import { CreateKey } from '../operations/CreateKey.ts'
import { DescribeKey } from '../operations/DescribeKey.ts'
import { GetKeyPolicy } from '../operations/GetKeyPolicy.ts'
import { PutKeyPolicy } from '../operations/PutKeyPolicy.ts'
import { callerOf, newDesk } from '../testing/desk.ts'

const principal = (name: keyof typeof cast) => cast[name] as AccountPrincipal
const root = callerOf(principal('rootUser'))
const ursula = callerOf(principal('user'))
const reader = callerOf(principal('roleSession'))
const DELEGATING = allow('kms:*', to(ROOT_A))
const ALL_OF_KMS = policy(allow('kms:*'))

describe('A key policy', () => {
  let desk: Awaited<ReturnType<typeof newDesk>>
  let keyId: string

  beforeAll(async () => {
    desk = await newDesk()
  })
  afterAll(() => desk.close())
  beforeEach(async () => {
    desk.principals.clear()
    desk.principals.set(USER, 'AIDAURSULA0000000001').set(ROLE, 'AROAREADER0000000001')
    keyId = (await desk.call(CreateKey, root, {})).KeyMetadata?.KeyId as string
  })

  const put = (document: object | string, caller = root) => {
    const text = typeof document === 'string' ? document : JSON.stringify(document)
    return desk.call(PutKeyPolicy, caller, { KeyId: keyId, Policy: text })
  }
  const shown = async () => (await desk.call(GetKeyPolicy, root, { KeyId: keyId })).Policy as string
  const describeKey = (caller: typeof root) => desk.call(DescribeKey, caller, { KeyId: keyId })

  it('lets in the user and the role that it names, and nobody else', async () => {
    await expect(describeKey(ursula)).rejects.toThrow('because no identity-based policy allows')
    await put(policy(DELEGATING, allow('kms:DescribeKey', to(USER))))
    await expect(describeKey(ursula)).resolves.toBeDefined()
    await expect(describeKey(reader)).rejects.toThrow('no identity-based policy')
    await put(policy(DELEGATING, allow('kms:DescribeKey', to(ROLE))))
    await expect(describeKey(reader)).resolves.toBeDefined()
    await expect(describeKey(ursula)).rejects.toThrow('no identity-based policy')
  })

  it('gives nothing to a role made anew under the old name', async () => {
    await put(policy(DELEGATING, allow('kms:DescribeKey', to(ROLE))))
    const recreated = callerOf(principal('recreatedRoleSession'))
    desk.principals.set(ROLE, 'AROAREADER0000000002')
    await expect(describeKey(recreated)).rejects.toThrow('no identity-based policy')
    // Named again, it is another principal, which the policy means from now on.
    await put(policy(DELEGATING, allow('kms:DescribeKey', to(ROLE))))
    await expect(describeKey(recreated)).resolves.toBeDefined()
    await expect(describeKey(reader)).rejects.toThrow('no identity-based policy')
  })

  it('that names a session means it no more once its role was made anew', async () => {
    await put(policy(DELEGATING, allow('kms:DescribeKey', to(SESSION))))
    await expect(describeKey(reader)).resolves.toBeDefined()
    desk.principals.set(ROLE, 'AROAREADER0000000002')
    const recreated = callerOf(principal('recreatedRoleSession'))
    await expect(describeKey(recreated)).rejects.toThrow('no identity-based policy')
    expect(await shown()).toContain('"AROAREADER0000000001:session-1"')
    const none = SESSION.replace('reader', 'nobody')
    await expect(put(policy(DELEGATING, allow('kms:DescribeKey', to(none))))).rejects.toThrow(
      'invalid principals',
    )
  })

  it('denies whom it names by id as well', async () => {
    await put(policy(DELEGATING, deny('kms:DescribeKey', to(USER))))
    const able = callerOf(principal('user'), [ALL_OF_KMS])
    await expect(describeKey(able)).rejects.toThrow('explicit deny in a resource-based policy')
    const reborn = callerOf(
      { ...principal('user'), id: 'AIDAURSULA0000000002' } as AccountPrincipal,
      [ALL_OF_KMS],
    )
    await expect(describeKey(reborn)).resolves.toBeDefined()
  })

  it('is shown as it was sent, to the letter', async () => {
    const text = ` {"Version":"2012-10-17",\n\t"Statement": ${JSON.stringify([
      allow('kms:*', to(ROOT_A, USER)),
    ])} }\n`
    await put(text)
    expect(await shown()).toBe(text)
  })

  it('is shown with the id of a principal that is gone, and the new ARN of one that has moved', async () => {
    const condition = { ArnEquals: { 'aws:PrincipalArn': [USER, ROLE] } }
    const sent = policy(
      allow('kms:*', { ...to(ROOT_A, USER), Condition: condition }),
      allow('kms:*', { ...to(ROOT_A) }),
      deny('kms:Decrypt', { Principal: { AWS: ROLE } }),
      deny('kms:Encrypt', { NotPrincipal: { AWS: [ROOT_A, USER] } }),
    )
    await put(sent)
    desk.principals.delete(USER)
    desk.principals.delete(ROLE)
    const moved = ROLE.replace('/app/', '/moved/')
    desk.principals.set(moved, 'AROAREADER0000000001')
    expect(JSON.parse(await shown())).toEqual(
      policy(
        allow('kms:*', { ...to(ROOT_A, 'AIDAURSULA0000000001'), Condition: condition }),
        allow('kms:*', { ...to(ROOT_A) }),
        deny('kms:Decrypt', { Principal: { AWS: moved } }),
        deny('kms:Encrypt', { NotPrincipal: { AWS: [ROOT_A, 'AIDAURSULA0000000001'] } }),
      ),
    )
  })

  it('takes the id of a principal that exists, and shows its ARN', async () => {
    await put(policy(DELEGATING, allow('kms:DescribeKey', to('AROAREADER0000000001'))))
    await expect(describeKey(reader)).resolves.toBeDefined()
    expect(await shown()).toContain(ROLE)
  })

  it.each([
    ['a user who does not exist', to(`${USER}x`)],
    ['an id that nobody has', to('AIDANOBODY0000000001')],
    ['a group', to('arn:aws:iam::111122223333:group/g')],
    ['no ARN at all', to('ursula')],
  ])('is refused where it names %s', async (_, element) => {
    const before = await shown()
    await expect(put(policy(DELEGATING, allow('kms:DescribeKey', element)))).rejects.toThrow(
      'Policy contains a statement with one or more invalid principals.',
    )
    expect(await shown()).toBe(before)
  })

  it('must leave the caller able to put another one, unless the caller insists', async () => {
    const onlyUrsula = JSON.stringify(policy(allow('kms:*', to(USER))))
    const lockout = 'The new key policy will not allow you to update the key policy in the future.'
    await expect(put(onlyUrsula)).rejects.toThrow(lockout)
    // Delegation is not enough for a user whose own policies do not allow it.
    await put(policy(DELEGATING, allow('kms:PutKeyPolicy', to(USER))))
    await expect(put(policy(DELEGATING), ursula)).rejects.toThrow(lockout)
    await put(policy(DELEGATING), callerOf(principal('user'), [ALL_OF_KMS]))
    const Bypass = { KeyId: keyId, Policy: onlyUrsula, BypassPolicyLockoutSafetyCheck: true }
    await desk.call(PutKeyPolicy, root, Bypass)
    await expect(describeKey(root)).rejects.toThrow('no resource-based policy allows')
    await expect(describeKey(ursula)).resolves.toBeDefined()
    // Who could decide in this account is denied as well.
    const otherwise = policy(allow('kms:*', to(ROOT_A, ROOT_B)), deny('kms:PutKeyPolicy', to(USER)))
    await expect(put(otherwise, ursula)).rejects.toThrow(lockout)
  })

  it('that CreateKey is given is checked by the same rules, and counts from the start', async () => {
    const create = (document: object, more = {}) =>
      desk.call(CreateKey, root, { Policy: JSON.stringify(document), ...more })
    await expect(create(policy(allow('kms:*', to(USER))))).rejects.toThrow(
      'not allow you to update',
    )
    await expect(create(policy(allow('kms:*', to(`${USER}x`))))).rejects.toThrow(
      'invalid principals',
    )
    const ofUrsula = policy(allow('kms:*', to(USER)))
    const made = await create(ofUrsula, { BypassPolicyLockoutSafetyCheck: true })
    keyId = made.KeyMetadata?.KeyId as string
    await expect(describeKey(root)).rejects.toThrow('no resource-based policy')
    await expect(describeKey(ursula)).resolves.toBeDefined()
  })

  it('may ask whether the safety check is bypassed', async () => {
    const bypassing = { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }
    await put(policy(DELEGATING, deny('kms:PutKeyPolicy', { ...to(ROOT_A), Condition: bypassing })))
    const Policy = JSON.stringify(policy(DELEGATING))
    await expect(
      desk.call(PutKeyPolicy, root, { KeyId: keyId, Policy, BypassPolicyLockoutSafetyCheck: true }),
    ).rejects.toThrow('explicit deny in a resource-based policy')
    await put(policy(DELEGATING))
  })
})
