// Keys of other accounts: what can be done with them at all, and which accounts hear of it.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
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
import { allow, policy, ROOT_A, ROOT_B, to } from '../../../policy/testing/cast.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordsOf } from '../testing/records-of.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'
import { UNREACHABLE } from '../testing/unreachable.ts'

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
    expect(await refusalOf(refused)).toEqual(UNREACHABLE)
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
