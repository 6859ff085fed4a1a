// ReplicateKey as callers see it: what it makes, records and refuses. The keys it makes: keys/replicas.test.ts.
import {
  DisableKeyCommand,
  type KMSClient,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import {
  metadataOf,
  newPrimary,
  PRIMARY_REGION,
  REPLICA_REGION,
  replicate,
} from '../testing/multi-region.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { recordsOf } from '../testing/records-of.ts'
import { alterKey, NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

const OWNER = 'arn:aws:iam::111122223333:root'

let server: TestServer
let kms: KMSClient
let there: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
})
afterAll(() => server.close())

function ask({ id }: StoredKey, input: Partial<ReplicateKeyCommandInput> = {}) {
  const command = { KeyId: id, ReplicaRegion: REPLICA_REGION, ...input }
  return kms.send(new ReplicateKeyCommand(command))
}

async function keyIds(client: KMSClient) {
  const { Keys } = await client.send(new ListKeysCommand({ Limit: 1000 }))
  return Keys?.map(({ KeyId }) => KeyId)
}

it('ReplicateKey makes a replica that is creating, then enabled, and both keys tell of it', async () => {
  const primary = await newPrimary(kms, { Description: 'of the primary' })
  const { $metadata, ...answer } = await ask(primary, { Description: 'of the replica' })
  const arn = primary.arn.replace(PRIMARY_REGION, REPLICA_REGION)
  const MultiRegionConfiguration = {
    PrimaryKey: { Arn: primary.arn, Region: PRIMARY_REGION },
    ReplicaKeys: [{ Arn: arn, Region: REPLICA_REGION }],
  }
  const own = await metadataOf(kms, primary)
  expect(own).toMatchObject({
    KeyState: 'Enabled',
    Description: 'of the primary',
    MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY', ...MultiRegionConfiguration },
  })
  expect(answer.ReplicaKeyMetadata).toEqual({
    ...own,
    Arn: arn,
    CreationDate: expect.any(Date),
    Description: 'of the replica',
    Enabled: false,
    KeyState: 'Creating',
    MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA', ...MultiRegionConfiguration },
  })
  expect(answer.ReplicaTags).toEqual([])
  expect(await metadataOf(there, primary)).toEqual(answer.ReplicaKeyMetadata)
  await server.sweepJobs()
  const ready = { ...answer.ReplicaKeyMetadata, Enabled: true, KeyState: 'Enabled' }
  expect(await metadataOf(there, primary)).toEqual(ready)
})

it('ReplicateKey records itself in the Region of the primary and a CreateKey in the other', async () => {
  const primary = await newPrimary(kms)
  const records = await recordsOf(server, ask(primary, { Description: 'd' }))
  const replicaArn = primary.arn.replace(PRIMARY_REGION, REPLICA_REGION)
  expect(records).toHaveLength(2)
  const [replicated, created] = records.toSorted((a) => (a.eventName === 'ReplicateKey' ? -1 : 1))
  expect(replicated).toMatchObject({
    eventName: 'ReplicateKey',
    awsRegion: PRIMARY_REGION,
    requestParameters: { keyId: primary.id, replicaRegion: REPLICA_REGION, description: 'd' },
    responseElements: { replicaKeyMetadata: { arn: replicaArn, keyState: 'Creating' } },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: primary.arn }],
  })
  expect(created).toMatchObject({
    eventName: 'CreateKey',
    awsRegion: REPLICA_REGION,
    requestParameters: { description: 'd', multiRegion: true, keySpec: 'SYMMETRIC_DEFAULT' },
    responseElements: { keyMetadata: { arn: replicaArn } },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: replicaArn }],
  })
  expect(created?.eventID).not.toBe(replicated?.eventID)
  await server.sweepJobs()
  expect(await eventsOf(server, 'SynchronizeMultiRegionKey', primary)).toMatchObject([
    {
      eventType: 'AwsServiceEvent',
      awsRegion: PRIMARY_REGION,
      responseElements: { keyId: primary.arn },
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: primary.arn }],
    },
  ])
})

describe('ReplicateKey refuses', () => {
  const unsupported = (message: string) => refusal('UnsupportedOperationException', message)

  it('a key of one Region', async () => {
    const key = await newKey(kms)
    expect(await refusalOf(ask(key))).toEqual(
      unsupported(`${key.arn} is not a multi-Region primary key.`),
    )
  })

  it('a replica', async () => {
    const replica = await replicate(server, await newPrimary(kms))
    const again = new ReplicateKeyCommand({ KeyId: replica.id, ReplicaRegion: PRIMARY_REGION })
    expect(await refusalOf(there.send(again))).toEqual(
      unsupported(`${replica.arn} is not a multi-Region primary key.`),
    )
  })

  it('a Region where the key is already, ready or not, and makes nothing', async () => {
    const primary = await newPrimary(kms)
    const { ReplicaKeyMetadata } = await ask(primary)
    const exists = (arn: string | undefined) =>
      refusal('AlreadyExistsException', `${arn} already exists.`)
    expect(await refusalOf(ask(primary))).toEqual(exists(ReplicaKeyMetadata?.Arn))
    await server.sweepJobs()
    expect(await refusalOf(ask(primary))).toEqual(exists(ReplicaKeyMetadata?.Arn))
    expect(await refusalOf(ask(primary, { ReplicaRegion: PRIMARY_REGION }))).toEqual(
      exists(primary.arn),
    )
    const { MultiRegionConfiguration } = await metadataOf(kms, primary)
    expect(MultiRegionConfiguration?.ReplicaKeys).toHaveLength(1)
  })

  it('a Region that this server does not offer', async () => {
    const primary = await newPrimary(kms)
    expect(await refusalOf(ask(primary, { ReplicaRegion: 'ap-south-1' }))).toEqual(
      unsupported('Region ap-south-1 is not supported by this server.'),
    )
  })

  it.each([
    ['us', "'us'"],
    ['US-EAST-1', "'US-EAST-1'"],
    ['us-east-1/..', "'us-east-1/..'"],
  ])('what is no Region: %s', async (ReplicaRegion, shown) => {
    const primary = await newPrimary(kms)
    expect(await refusalOf(ask(primary, { ReplicaRegion }))).toEqual(
      invalid(
        `Value ${shown} at 'replicaRegion' failed to satisfy constraint: Member must satisfy regular expression pattern: ^([a-z]+-){2,3}\\d+$`,
      ),
    )
  })

  it('a key that is disabled, pending deletion or updating', async () => {
    const disabled = await newPrimary(kms)
    await kms.send(new DisableKeyCommand({ KeyId: disabled.id }))
    expect(await refusalOf(ask(disabled))).toEqual(
      refusal('DisabledException', `${disabled.arn} is disabled.`),
    )
    const going = await newPrimary(kms)
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: going.id }))
    expect(await refusalOf(ask(going))).toEqual(
      refusal('KMSInvalidStateException', `${going.arn} is pending deletion.`),
    )
    const updating = await newPrimary(kms)
    await alterKey(server, updating, { state: 'Updating' })
    expect(await refusalOf(ask(updating))).toEqual(
      refusal('KMSInvalidStateException', `${updating.arn} is updating.`),
    )
    expect(await keyIds(there)).not.toContain(disabled.id)
  })

  it('a key that does not exist, and what is no key id', async () => {
    const id = 'mrk-00000000000000000000000000000000'
    const arn = `arn:aws:kms:us-east-1:111122223333:key/${id}`
    expect(await refusalOf(ask({ id, arn }))).toEqual(
      refusal('NotFoundException', `Key '${arn}' does not exist`),
    )
    expect((await refusalOf(ask({ id: NO_KEY_ID, arn }))).name).toBe('NotFoundException')
    expect(await refusalOf(ask({ id: 'arn:aws:kms:nowhere', arn }))).toEqual(
      refusal('InvalidArnException', "Invalid ARN 'arn:aws:kms:nowhere'"),
    )
    expect((await refusalOf(ask({ id: 'alias/app', arn }))).name).toBe('InvalidArnException')
  })

  it('a policy that is malformed, too long, or locks the caller out', async () => {
    const primary = await newPrimary(kms)
    expect((await refusalOf(ask(primary, { Policy: '{' }))).name).toBe(
      'MalformedPolicyDocumentException',
    )
    expect((await refusalOf(ask(primary, { Policy: ' '.repeat(40_000) }))).name).toBe(
      'LimitExceededException',
    )
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: '*', Action: 'kms:Encrypt', Resource: '*' },
    })
    expect(await refusalOf(ask(primary, { Policy }))).toEqual(
      refusal(
        'MalformedPolicyDocumentException',
        'The new key policy will not allow you to update the key policy in the future.',
      ),
    )
    await ask(primary, { Policy, BypassPolicyLockoutSafetyCheck: true })
  })

  it('a policy that lets its owner in elsewhere alone', async () => {
    const primary = await newPrimary(kms)
    const only = (region: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: OWNER },
          Action: 'kms:*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:RequestedRegion': region } },
        },
      })
    expect((await refusalOf(ask(primary, { Policy: only(PRIMARY_REGION) }))).name).toBe(
      'MalformedPolicyDocumentException',
    )
    await ask(primary, { Policy: only(REPLICA_REGION) })
  })

  it('tags that cannot be', async () => {
    const primary = await newPrimary(kms)
    const Tags = [{ TagKey: 'aws:x', TagValue: '' }]
    expect((await refusalOf(ask(primary, { Tags }))).name).toBe('TagException')
  })

  it('what the policy of the primary does not allow: another Region', async () => {
    const primary = await newPrimary(kms)
    const statement = (Effect: string, Action: string, Condition?: object) => ({
      Effect,
      Principal: { AWS: OWNER },
      Action,
      Resource: '*',
      ...(Condition && { Condition }),
    })
    const elsewhere = { StringNotEquals: { 'kms:ReplicaRegion': 'ap-south-1' } }
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [statement('Allow', 'kms:*'), statement('Deny', 'kms:ReplicateKey', elsewhere)],
    })
    await kms.send(new PutKeyPolicyCommand({ KeyId: primary.id, Policy }))
    const denied = await refusalOf(ask(primary))
    expect(denied.name).toBe('AccessDeniedException')
    expect(denied.message).toContain(`kms:ReplicateKey on resource: ${primary.arn}`)
    expect(await keyIds(there)).not.toContain(primary.id)
  })
})

it('Two callers who replicate at once make one replica', async () => {
  const primary = await newPrimary(kms)
  const outcomes = await Promise.allSettled([ask(primary), ask(primary), ask(primary)])
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason.name).toBe('AlreadyExistsException')
  }
})
