// Keys of other accounts: what can be done with them at all, what both sides must allow, and which
// accounts hear of it. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
import {
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
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
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { CreateAlias } from '../operations/CreateAlias.ts'
import { CreateGrant } from '../operations/CreateGrant.ts'
import { CreateKey } from '../operations/CreateKey.ts'
import { DescribeKey } from '../operations/DescribeKey.ts'
import { Encrypt } from '../operations/Encrypt.ts'
import { RetireGrant } from '../operations/RetireGrant.ts'
import { callerOf, newDesk } from '../testing/desk.ts'
import { recordsOf } from '../testing/records-of.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

const X = Buffer.from('x')
const ALIAS = 'alias/shared'
const ALIAS_ARN = `arn:aws:kms:us-east-1:111122223333:${ALIAS}`
const TO_BOTH = JSON.stringify(policy(allow('kms:*', to(ROOT_A, ROOT_B))))

describe('A key of another account', () => {
  let server: TestServer
  let ours: KMSClient
  let theirs: KMSClient
  let shared: StoredKey
  let closed: StoredKey
  let own: StoredKey
  beforeAll(async () => {
    server = await testServer()
    ours = server.kms()
    theirs = server.kms({ credentials: await addOtherAccount(server) })
    shared = await newKey(ours)
    closed = await newKey(ours)
    own = await newKey(theirs)
    await ours.send(new PutKeyPolicyCommand({ KeyId: shared.id, Policy: TO_BOTH }))
    await ours.send(new CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: shared.id }))
  })
  afterAll(() => server.close())

  it.each<[string, (KeyId: string) => Promise<unknown>]>([
    ['Encrypt', (KeyId) => theirs.send(new EncryptCommand({ KeyId, Plaintext: X }))],
    [
      'GenerateDataKey',
      (KeyId) => theirs.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
    ],
    [
      'GenerateDataKeyWithoutPlaintext',
      (KeyId) =>
        theirs.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' })),
    ],
    ['DescribeKey', (KeyId) => theirs.send(new DescribeKeyCommand({ KeyId }))],
  ])('is used by %s under its ARN and its alias’s, where its policy allows', async (name, use) => {
    expect(await use(shared.arn)).toBeDefined()
    expect(await use(ALIAS_ARN)).toBeDefined()
    // By its id alone, and by a bare alias, a key is looked for at home.
    expect((await refusalOf(use(shared.id))).name).toBe('NotFoundException')
    expect((await refusalOf(use(ALIAS))).name).toBe('NotFoundException')
    const told = await refusalOf(use(closed.arn))
    expect(told.message).toContain(
      `kms:${name} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    )
    expect(await refusalOf(use(closed.arn.replace(closed.id, NO_KEY_ID)))).toEqual(told)
    expect(await refusalOf(use(ALIAS_ARN.replace('shared', 'never')))).toEqual(told)
  })

  it('opens its ciphertexts for those who may, whether they name it or not', async () => {
    const { CiphertextBlob, KeyId } = await ours.send(
      new EncryptCommand({ KeyId: shared.id, Plaintext: X }),
    )
    expect(KeyId).toBe(shared.arn)
    for (const input of [{}, { KeyId: shared.arn }, { KeyId: ALIAS_ARN }]) {
      const opened = await theirs.send(new DecryptCommand({ CiphertextBlob, ...input }))
      expect([opened.KeyId, Buffer.from(opened.Plaintext ?? '')]).toEqual([shared.arn, X])
    }
    const sealed = await ours.send(new EncryptCommand({ KeyId: closed.id, Plaintext: X }))
    const refused = theirs.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))
    expect(await refusalOf(refused)).toMatchObject({
      name: 'AccessDeniedException',
      message:
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    })
    const misnamed = theirs.send(new DecryptCommand({ CiphertextBlob, KeyId: own.id }))
    expect((await refusalOf(misnamed)).name).toBe('IncorrectKeyException')
  })

  it('gives and takes what ReEncrypt moves, where both keys may be used', async () => {
    const sealed = await theirs.send(new EncryptCommand({ KeyId: own.id, Plaintext: X }))
    const move = (CiphertextBlob: Uint8Array | undefined, DestinationKeyId: string) =>
      theirs.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId }))
    const there = await move(sealed.CiphertextBlob, shared.arn)
    expect([there.SourceKeyId, there.KeyId]).toEqual([own.arn, shared.arn])
    const back = await move(there.CiphertextBlob, own.arn)
    expect([back.SourceKeyId, back.KeyId]).toEqual([shared.arn, own.arn])
    expect((await refusalOf(move(sealed.CiphertextBlob, closed.arn))).message).toContain(
      'kms:ReEncryptTo',
    )
  })

  it('tells whether it rotates', async () => {
    const status = await theirs.send(new GetKeyRotationStatusCommand({ KeyId: shared.arn }))
    expect(status.KeyRotationEnabled).toBe(false)
    const byAlias = theirs.send(new GetKeyRotationStatusCommand({ KeyId: ALIAS_ARN }))
    expect((await refusalOf(byAlias)).name).not.toBe('NotFoundException')
  })

  it.each<[string, () => Promise<unknown>]>([
    ['DisableKey', () => theirs.send(new DisableKeyCommand({ KeyId: shared.arn }))],
    ['GetKeyPolicy', () => theirs.send(new GetKeyPolicyCommand({ KeyId: shared.arn }))],
    [
      'PutKeyPolicy',
      () => theirs.send(new PutKeyPolicyCommand({ KeyId: shared.arn, Policy: TO_BOTH })),
    ],
    ['ListResourceTags', () => theirs.send(new ListResourceTagsCommand({ KeyId: shared.arn }))],
    [
      'ScheduleKeyDeletion',
      () => theirs.send(new ScheduleKeyDeletionCommand({ KeyId: shared.arn })),
    ],
    [
      'TagResource',
      () =>
        theirs.send(
          new TagResourceCommand({ KeyId: shared.arn, Tags: [{ TagKey: 'k', TagValue: '' }] }),
        ),
    ],
    [
      'CreateAlias',
      () => theirs.send(new CreateAliasCommand({ AliasName: 'alias/a', TargetKeyId: shared.arn })),
    ],
  ])('is not for %s, whatever its policy allows', async (name, use) => {
    const { name: error, message } = await refusalOf(use())
    expect(error).toBe('AccessDeniedException')
    expect(message).toContain(`is not authorized to perform: kms:${name} on this resource`)
  })

  it('tells both accounts of its use: two records, one shared id', async () => {
    const use = theirs.send(new EncryptCommand({ KeyId: shared.arn, Plaintext: X }))
    const records = await recordsOf(server, use)
    const [first, second] = records
    expect(records.map(({ recipientAccountId }) => recipientAccountId)).toEqual([
      OTHER_ACCOUNT,
      '111122223333',
    ])
    expect(first?.sharedEventID).toMatch(/^[0-9a-f-]{36}$/)
    expect(second?.sharedEventID).toBe(first?.sharedEventID)
    expect(second?.eventID).not.toBe(first?.eventID)
    expect(first?.userIdentity).toMatchObject({ type: 'Root', arn: ROOT_B })
    expect(second?.userIdentity).toEqual({
      type: 'AWSAccount',
      principalId: OTHER_ACCOUNT,
      accountId: OTHER_ACCOUNT,
    })
    const resources = [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: shared.arn }]
    expect(first).toMatchObject({ eventName: 'Encrypt', resources })
    expect(second).toMatchObject({ eventName: 'Encrypt', resources })
  })

  it('tells the caller of ReEncrypt about both keys, and the other owner only about its own', async () => {
    const { CiphertextBlob } = await theirs.send(
      new EncryptCommand({ KeyId: own.id, Plaintext: X }),
    )
    const move = theirs.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: shared.arn }))
    const records = await recordsOf(server, move)
    const arnsOf = (resources: unknown) => (resources as { ARN: string }[]).map(({ ARN }) => ARN)
    expect(records.map(({ resources }) => arnsOf(resources))).toEqual([
      [own.arn, shared.arn],
      [shared.arn],
    ])
  })

  it('does not hear of those who are denied', async () => {
    const denied = theirs.send(new EncryptCommand({ KeyId: closed.arn, Plaintext: X }))
    const records = await recordsOf(server, denied)
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({
      recipientAccountId: OTHER_ACCOUNT,
      errorCode: 'AccessDenied',
    })
    expect(records[0]).not.toHaveProperty('sharedEventID')
  })

  it('needs no copy where it is used at home', async () => {
    const records = await recordsOf(
      server,
      ours.send(new EncryptCommand({ KeyId: shared.arn, Plaintext: X })),
    )
    expect(records).toHaveLength(1)
    expect(records[0]).not.toHaveProperty('sharedEventID')
  })
})

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
