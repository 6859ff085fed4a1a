// Keys that AWS manages for its services, in the accounts of customers and of its own: made at the first
// use, used through their service alone, changed by nobody.
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DepotRequest, depot } from '../../../testing/depot.ts'
import { callDepot, type Signing } from '../../../testing/depot-client.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { sts } from '../../sts/service.ts'
import { type Person, peopleOf } from '../../sts/testing/people.ts'
import { kms } from '../service.ts'
import { recordsWith } from '../testing/recorded.ts'
import { alterKey } from '../testing/stored-key.ts'
import { UNREACHABLE } from '../testing/unreachable.ts'

const ACCOUNT = '111122223333'
const X = Buffer.from('x')

let server: TestServer
let root: KMSClient
/** Of alice: what services ask for, nothing of KMS. */
let alice: Person
/** Everything. */
let bob: Person
let admin: KMSClient

beforeAll(async () => {
  const depots = ['s3', 'ec2', 'sqs', 'cloudtrail'].map(depot)
  server = await testServer({ services: [kms, sts, ...depots] })
  root = server.kms()
  const people = peopleOf(server)
  const using = ['s3', 'ec2', 'sqs', 'cloudtrail'].map((name) => ({
    name,
    document: allowing(`${name}:*`),
  }))
  alice = await people.user('alice', { inline: using })
  bob = await people.user('bob', { inline: [{ name: 'all', document: allowing('*') }] })
  admin = server.kms({ credentials: bob.credentials })
})
afterAll(() => server.close())

const use = (service: string, input: Partial<DepotRequest>, who: Signing = alice.credentials) =>
  callDepot(server, service, 'Use', { As: 'caller', Text: 'note', ...input }, who)
const nameOf = async (call: Promise<unknown>) => (await refusalOf(call)).name

const records = (text: string) => recordsWith(server, text)

async function aliases(): Promise<Map<string, string>> {
  const { Aliases: found = [] } = await root.send(new ListAliasesCommand())
  return new Map(found.map((one) => [one.AliasName as string, one.TargetKeyId as string]))
}

describe('The key that AWS manages for a service', () => {
  let KeyId: string
  let blob: string

  it('is not there before its service uses it, and no caller brings it about', async () => {
    const asked = admin.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))
    expect(await nameOf(asked)).toBe('NotFoundException')
    const other = await refusalOf(use('cloudtrail', { KeyId: 'alias/aws/s3' }, bob.credentials))
    expect(other.message).toMatch(/^NotFoundException: /)
    expect((await aliases()).size).toBe(0)
  })

  it('is made by the first use of its service, whose caller needs no permission of KMS', async () => {
    blob = (await use('s3', { KeyId: 'alias/aws/s3' })).Blob as string
    expect((await use('s3', { Blob: blob })).Text).toBe('note')
    KeyId = (await aliases()).get('alias/aws/s3') as string
    await use('s3', { KeyId: 'alias/aws/s3' })
    expect(await aliases()).toEqual(new Map([['alias/aws/s3', KeyId]]))
  })

  it('is one, whoever uses it at the same moment for the first time', async () => {
    const firsts = Array.from({ length: 12 }, () => use('ec2', { KeyId: 'alias/aws/ebs' }))
    await Promise.all(firsts)
    expect(records('"aliasName":"alias/aws/ebs"').filter(isCustomers)).toHaveLength(1)
    const other = await refusalOf(use('s3', { KeyId: 'alias/aws/ebs' }, bob.credentials))
    expect(other.name).toBe('AccessDeniedException')
  })

  const isCustomers = ({ recipientAccountId }: Record<string, unknown>) =>
    recipientAccountId === ACCOUNT

  it('is seen by who may read: metadata, policy, rotation', async () => {
    const { KeyMetadata } = await admin.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))
    expect(KeyMetadata).toMatchObject({
      KeyId,
      KeyManager: 'AWS',
      KeyState: 'Enabled',
      Description: 'Default key that protects my S3 objects when no other key is defined',
    })
    const { Keys: keys = [] } = await admin.send(new ListKeysCommand())
    expect(keys.map((key) => key.KeyId)).toContain(KeyId)
    const { Policy } = await admin.send(new GetKeyPolicyCommand({ KeyId }))
    expect(JSON.parse(Policy as string)).toMatchObject({
      Id: 'auto-s3-2',
      Statement: [
        {
          Principal: { AWS: '*' },
          Condition: {
            StringEquals: {
              'kms:CallerAccount': ACCOUNT,
              'kms:ViaService': 's3.us-east-1.amazonaws.com',
            },
          },
        },
        { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
      ],
    })
    expect(await admin.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 365,
    })
  })

  it('is used by nobody directly, not even with every permission', async () => {
    for (const client of [root, admin]) {
      const encrypting = client.send(new EncryptCommand({ KeyId, Plaintext: X }))
      expect((await refusalOf(encrypting)).message).toContain(
        'because no resource-based policy allows the kms:Encrypt action',
      )
      const CiphertextBlob = Buffer.from(blob, 'base64')
      const decrypting = client.send(new DecryptCommand({ KeyId, CiphertextBlob }))
      expect(await nameOf(decrypting)).toBe('AccessDeniedException')
    }
  })

  it('is used through no other service, and by no other account', async () => {
    const through = use('sqs', { Blob: blob }, bob.credentials)
    expect(await nameOf(through)).toBe('AccessDeniedException')
    const theirs = await addOtherAccount(server)
    expect(await nameOf(use('s3', { Blob: blob }, theirs))).toBe('AccessDeniedException')
    // They have one of their own.
    await use('s3', { KeyId: 'alias/aws/s3' }, theirs)
    const { KeyMetadata } = await server
      .kms({ credentials: theirs })
      .send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))
    expect([KeyMetadata?.AWSAccountId, KeyMetadata?.KeyManager]).toEqual([OTHER_ACCOUNT, 'AWS'])
    expect(KeyMetadata?.KeyId).not.toBe(KeyId)
  })

  it.each<[string, (client: KMSClient) => Promise<unknown>]>([
    ['DisableKey', (client) => client.send(new DisableKeyCommand({ KeyId }))],
    ['EnableKey', (client) => client.send(new EnableKeyCommand({ KeyId }))],
    ['ScheduleKeyDeletion', (client) => client.send(new ScheduleKeyDeletionCommand({ KeyId }))],
    ['CancelKeyDeletion', (client) => client.send(new CancelKeyDeletionCommand({ KeyId }))],
    ['EnableKeyRotation', (client) => client.send(new EnableKeyRotationCommand({ KeyId }))],
    ['DisableKeyRotation', (client) => client.send(new DisableKeyRotationCommand({ KeyId }))],
    ['RotateKeyOnDemand', (client) => client.send(new RotateKeyOnDemandCommand({ KeyId }))],
    [
      'PutKeyPolicy',
      (client) => {
        const Policy = '{"Version":"2012-10-17","Statement":[]}'
        const BypassPolicyLockoutSafetyCheck = true
        return client.send(
          new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck }),
        )
      },
    ],
    [
      'TagResource',
      (client) =>
        client.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] })),
    ],
    ['UntagResource', (client) => client.send(new UntagResourceCommand({ KeyId, TagKeys: ['a'] }))],
    [
      'UpdateKeyDescription',
      (client) => client.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'mine' })),
    ],
    [
      'CreateAlias',
      (client) =>
        client.send(new CreateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: KeyId })),
    ],
    [
      'CreateGrant',
      (client) =>
        client.send(
          new CreateGrantCommand({
            KeyId,
            GranteePrincipal: `arn:aws:iam::${ACCOUNT}:root`,
            Operations: ['Decrypt'],
          }),
        ),
    ],
  ])('is changed by nobody: %s', async (operation, send) => {
    for (const client of [root, admin]) {
      const { name, message } = await refusalOf(send(client))
      expect(name).toBe('AccessDeniedException')
      expect(message).toContain(
        `because no resource-based policy allows the kms:${operation} action`,
      )
    }
  })

  it('keeps its alias', async () => {
    const AliasName = 'alias/aws/s3'
    const deleting = root.send(new DeleteAliasCommand({ AliasName }))
    expect(await nameOf(deleting)).toBe('KMSInvalidStateException')
    const moving = root.send(new UpdateAliasCommand({ AliasName, TargetKeyId: KeyId }))
    expect(await nameOf(moving)).toBe('NotAuthorizedException')
  })

  it('rotates when its year is over; what was encrypted before stays readable', async () => {
    const arn = `arn:aws:kms:us-east-1:${ACCOUNT}:key/${KeyId}`
    await alterKey(server, { id: KeyId, arn }, { next_rotation_at_ms: Date.now() - 1 })
    await server.sweepJobs()
    const { Rotations: rotations } = await admin.send(new ListKeyRotationsCommand({ KeyId }))
    expect(rotations).toMatchObject([{ RotationType: 'AUTOMATIC' }])
    expect((await use('s3', { Blob: blob })).Text).toBe('note')
  })

  it('the record of its making tells the service that made it, and the key', () => {
    const created = records('"aliasName":"alias/aws/s3"').filter(
      (record) => isCustomers(record) && record.eventName === 'CreateKey',
    )
    expect(created).toMatchObject([
      {
        eventName: 'CreateKey',
        userIdentity: { type: 'AWSService', invokedBy: 'kms.amazonaws.com' },
        responseElements: { keyMetadata: { keyId: KeyId, keyManager: 'AWS' } },
        resources: [{ accountId: ACCOUNT, ARN: expect.stringContaining(KeyId) }],
      },
    ])
  })
})

describe('The key that a service owns', () => {
  const itself = { As: 'service', Source: 'arn:aws:sqs:us-east-1:111122223333:jobs' } as const
  let blob: string

  it('is made by its first use as the service, and really encrypts', async () => {
    blob = (await use('sqs', { ...itself, KeyId: 'alias/aws/sqs' })).Blob as string
    expect(Buffer.from(blob, 'base64').toString('latin1')).not.toContain('note')
    expect((await use('sqs', { ...itself, Blob: blob })).Text).toBe('note')
  })

  it('is listed nowhere, and nothing about it can be asked', async () => {
    expect([...(await aliases()).keys()]).not.toContain('alias/aws/sqs')
    const [created] = records('"aliasName":"alias/aws/sqs"')
    const elements = created?.responseElements as { keyMetadata: { arn: string; keyId: string } }
    const { arn, keyId } = elements.keyMetadata
    expect(arn).toContain(':000000000000:key/')
    const { Keys: keys = [] } = await root.send(new ListKeysCommand())
    expect(keys.map((key) => key.KeyId)).not.toContain(keyId)
    for (const client of [root, admin]) {
      const asked = client.send(new DescribeKeyCommand({ KeyId: arn }))
      expect((await refusalOf(asked)).message).toContain('because the resource does not exist')
    }
  })

  it('opens for no caller, and for no other service', async () => {
    const CiphertextBlob = Buffer.from(blob, 'base64')
    expect(await refusalOf(root.send(new DecryptCommand({ CiphertextBlob })))).toEqual(UNREACHABLE)
    expect(await nameOf(use('sqs', { Blob: blob }, bob.credentials))).toBe('AccessDeniedException')
    expect(await nameOf(use('s3', { ...itself, Blob: blob }))).toBe('AccessDeniedException')
    const other = use('s3', { ...itself, KeyId: 'alias/aws/cloudtrail' })
    expect(await nameOf(other)).toBe('AccessDeniedException')
    expect(records('"aliasName":"alias/aws/cloudtrail"')).toEqual([])
  })

  it('no account is told of its use', () => {
    const told = records('"eventSource":"kms.amazonaws.com"').filter(
      (record) =>
        JSON.stringify(record.resources ?? []).includes(':000000000000:') &&
        record.errorCode === undefined,
    )
    expect(told.length).toBeGreaterThan(0)
    for (const record of told) expect(record.recipientAccountId).toBe('000000000000')
  })
})
