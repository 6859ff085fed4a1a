// Across accounts both sides must allow, and who is denied hears nothing of what is there.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountPrincipal } from '../../../policy/principal.ts'
import {
  ALL_KMS,
  allow,
  cast,
  deny,
  policy,
  ROOT_A,
  ROOT_B,
  to,
} from '../../../policy/testing/cast.ts'
import { CreateAlias } from '../operations/CreateAlias.ts'
import { CreateGrant } from '../operations/CreateGrant.ts'
import { CreateKey } from '../operations/CreateKey.ts'
import { DescribeKey } from '../operations/DescribeKey.ts'
import { Encrypt } from '../operations/Encrypt.ts'
import { RetireGrant } from '../operations/RetireGrant.ts'
import { callerOf, newDesk } from '../testing/desk.ts'
import { NO_KEY_ID } from '../testing/stored-key.ts'

const X = Buffer.from('x')

describe('Across accounts both sides must allow', () => {
  const bert = cast.userOfB as AccountPrincipal
  let desk: Awaited<ReturnType<typeof newDesk>>
  beforeAll(async () => {
    desk = await newDesk()
    desk.principals.set(bert.arn, 'AIDABERT000000000001')
  })
  afterAll(() => desk.close())

  const DENYING = policy(allow('kms:*'), deny('kms:Encrypt'))
  it.each<[string, object, object[], boolean]>([
    ['neither', policy(allow('kms:*', to(ROOT_A))), [], false],
    [
      'the key policy alone, which names the account',
      policy(allow('kms:*', to(ROOT_A, ROOT_B))),
      [],
      false,
    ],
    [
      'the key policy alone, which names the user',
      policy(allow('kms:*', to(ROOT_A, bert.arn))),
      [],
      false,
    ],
    [
      'the key policy alone, which names everyone',
      policy(allow('kms:*', { Principal: '*' })),
      [],
      false,
    ],
    ['the caller’s side alone', policy(allow('kms:*', to(ROOT_A))), [ALL_KMS], false],
    ['both, by the account', policy(allow('kms:*', to(ROOT_A, ROOT_B))), [ALL_KMS], true],
    ['both, by the user', policy(allow('kms:*', to(ROOT_A, bert.arn))), [ALL_KMS], true],
    [
      'both, but the caller’s side denies',
      policy(allow('kms:*', to(ROOT_A, ROOT_B))),
      [DENYING],
      false,
    ],
  ])('%s', async (_, document, identity, isAllowed) => {
    const root = callerOf(cast.rootUser as AccountPrincipal)
    const made = await desk.call(CreateKey, root, { Policy: JSON.stringify(document) })
    const KeyId = made.KeyMetadata?.Arn as string
    const use = desk.call(Encrypt, callerOf(bert, identity), { KeyId, Plaintext: X })
    if (isAllowed) await expect(use).resolves.toMatchObject({ KeyId })
    else await expect(use).rejects.toThrow('not authorized to perform: kms:Encrypt')
  })

  describe('and who is denied hears the same', () => {
    const root = callerOf(cast.rootUser as AccountPrincipal)
    const KEY = 'arn:aws:kms:us-east-1:111122223333:key/'
    const HIDDEN = 'arn:aws:kms:us-east-1:111122223333:alias/hidden'
    let hidden: string
    let lettingIn: string
    beforeAll(async () => {
      const make = async (...accounts: readonly string[]) => {
        const Policy = JSON.stringify(policy(allow('kms:*', to(ROOT_A, ...accounts))))
        const Tags = [{ TagKey: 'stage', TagValue: 'secret' }]
        const made = await desk.call(CreateKey, root, { Policy, Tags })
        return made.KeyMetadata?.KeyId as string
      }
      hidden = await make()
      lettingIn = await make(ROOT_B)
      await desk.call(CreateAlias, root, { AliasName: 'alias/hidden', TargetKeyId: hidden })
    })

    const when = (condition: object, effect = 'Allow') =>
      policy(allow('kms:*', { Effect: effect, Condition: condition }))
    it.each<[string, object[]]>([
      ['without any permission', []],
      ['with all permissions', [ALL_KMS]],
      ['denied by its own policies', [policy(deny('kms:*'))]],
      [
        'asking for the kind of key',
        [when({ StringEquals: { 'kms:KeyUsage': 'ENCRYPT_DECRYPT' } })],
      ],
      [
        'denied by the kind of key',
        [ALL_KMS, when({ StringEquals: { 'kms:KeySpec': 'SYMMETRIC_DEFAULT' } }, 'Deny')],
      ],
      [
        'denied where there are tags',
        [ALL_KMS, when({ StringLike: { 'aws:ResourceTag/stage': 's*' } }, 'Deny')],
      ],
      [
        'denied where there are aliases',
        [ALL_KMS, when({ 'ForAnyValue:StringLike': { 'kms:ResourceAliases': '*' } }, 'Deny')],
      ],
      ['denied for this ARN', [ALL_KMS, policy(deny('kms:*', { Resource: `${KEY}*` }))]],
    ])('whether there is a key or an alias, or none: %s', async (_, identity) => {
      const bertie = callerOf(bert, identity)
      const told = async (call: Promise<unknown>) =>
        String(
          await call.then(
            () => 'allowed',
            (error: Error) => `${error.name}: ${error.message}`,
          ),
        )
      const wordsOf = async (arn: string) => {
        const asked = { KeyId: arn }
        const words = [
          await told(desk.call(Encrypt, bertie, { ...asked, Plaintext: X })),
          await told(desk.call(Encrypt, bertie, { ...asked, Plaintext: X, GrantTokens: ['none'] })),
          await told(desk.call(DescribeKey, bertie, asked)),
          await told(desk.call(RetireGrant, bertie, { ...asked, GrantId: 'a'.repeat(64) })),
        ]
        return words.map((text) => text.replaceAll(arn, '<arn>'))
      }
      const missing = await wordsOf(KEY + NO_KEY_ID)
      expect(missing[0]).toContain('not authorized to perform: kms:Encrypt')
      expect(await wordsOf(KEY + hidden)).toEqual(missing)
      // RetireGrant takes no alias.
      const byAlias = (await wordsOf(HIDDEN)).slice(0, 3)
      expect(byAlias).toEqual((await wordsOf(`${HIDDEN}-none`)).slice(0, 3))
      // Where the key lets the account in and it is still denied, that is its own affair: no more is told.
      const [used] = await wordsOf(KEY + lettingIn)
      expect([missing[0], 'allowed']).toContain(used)
    })

    it('whether there is a grant to retire, or none', async () => {
      const { GrantId } = await desk.call(CreateGrant, root, {
        KeyId: hidden,
        GranteePrincipal: ROOT_A,
        Operations: ['Decrypt'],
      })
      for (const identity of [[], [ALL_KMS]]) {
        const retire = (id: string | undefined) =>
          desk
            .call(RetireGrant, callerOf(bert, identity), { KeyId: KEY + hidden, GrantId: id })
            .catch(({ message }: Error) => message)
        expect(await retire(GrantId)).toEqual(await retire('a'.repeat(64)))
        expect(await retire(GrantId)).toContain('not authorized to perform: kms:RetireGrant')
      }
    })
  })
})
