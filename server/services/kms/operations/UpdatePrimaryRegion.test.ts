// Another Region becomes the primary one.
import {
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
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
  THIRD_REGION,
} from '../testing/multi-region.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { recordsOf } from '../testing/records-of.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'
import { newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let there: KMSClient
let third: KMSClient
beforeAll(async () => {
  server = await testServer({ regions: [PRIMARY_REGION, REPLICA_REGION, THIRD_REGION] })
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
  third = server.kms({ region: THIRD_REGION })
})
afterAll(() => server.close())

function update({ id }: StoredKey, PrimaryRegion = REPLICA_REGION, client = kms) {
  return client.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion }))
}

async function pair() {
  const primary = await newPrimary(kms)
  return { primary, replica: await replicate(server, primary) }
}

it('UpdatePrimaryRegion makes the replica the primary key, in the eyes of every Region', async () => {
  const { primary, replica } = await pair()
  const other = await replicate(server, primary, { ReplicaRegion: THIRD_REGION })
  const { $metadata, ...answer } = await update(primary)
  expect(answer).toEqual({})
  const MultiRegionConfiguration = {
    PrimaryKey: { Arn: replica.arn, Region: REPLICA_REGION },
    ReplicaKeys: [
      { Arn: other.arn, Region: THIRD_REGION },
      { Arn: primary.arn, Region: PRIMARY_REGION },
    ],
  }
  const replicaHere = { MultiRegionKeyType: 'REPLICA', ...MultiRegionConfiguration }
  const primaryThere = { MultiRegionKeyType: 'PRIMARY', ...MultiRegionConfiguration }
  for (const [KeyState, Enabled] of [
    ['Updating', false],
    ['Enabled', true],
  ] as const) {
    expect(await metadataOf(kms, primary)).toMatchObject({
      KeyState,
      Enabled,
      Arn: primary.arn,
      MultiRegionConfiguration: replicaHere,
    })
    expect(await metadataOf(there, replica)).toMatchObject({
      KeyState,
      Enabled,
      Arn: replica.arn,
      MultiRegionConfiguration: primaryThere,
    })
    expect(await metadataOf(third, other)).toMatchObject({
      KeyState: 'Enabled',
      MultiRegionConfiguration: replicaHere,
    })
    await server.sweepJobs()
  }
})

it('Both keys do cryptography while they are updating, and nothing that would change their state', async () => {
  const { primary, replica } = await pair()
  await update(primary)
  for (const [client, key] of [
    [kms, primary],
    [there, replica],
  ] as const) {
    const KeyId = key.id
    const input = { KeyId, Plaintext: Buffer.from('x') }
    const { CiphertextBlob } = await client.send(new EncryptCommand(input))
    await (client === kms ? there : kms).send(new DecryptCommand({ CiphertextBlob }))
    const updating = refusal('KMSInvalidStateException', `${key.arn} is updating.`)
    expect(await refusalOf(client.send(new DisableKeyCommand({ KeyId })))).toEqual(updating)
    expect(await refusalOf(client.send(new EnableKeyCommand({ KeyId })))).toEqual(updating)
    const deletion = new ScheduleKeyDeletionCommand({ KeyId })
    expect(await refusalOf(client.send(deletion))).toEqual(updating)
    const replication = new ReplicateKeyCommand({ KeyId, ReplicaRegion: THIRD_REGION })
    expect(await refusalOf(client.send(replication))).toEqual(updating)
  }
  // The table of key states lets the update itself be.
  await update(replica, PRIMARY_REGION, there)
  expect((await metadataOf(kms, primary)).MultiRegionConfiguration?.MultiRegionKeyType).toBe(
    'PRIMARY',
  )
})

it('The new primary key rotates and replicates, and the old one does not any more', async () => {
  const { primary, replica } = await pair()
  await update(primary)
  await server.sweepJobs()
  const notPrimary = refusal(
    'UnsupportedOperationException',
    `${primary.arn} is not a multi-Region primary key.`,
  )
  const rotation = new RotateKeyOnDemandCommand({ KeyId: primary.id })
  expect(await refusalOf(kms.send(rotation))).toEqual(notPrimary)
  expect(await refusalOf(update(primary))).toEqual(notPrimary)
  await there.send(rotation)
  await there.send(new ReplicateKeyCommand({ KeyId: replica.id, ReplicaRegion: THIRD_REGION }))
  await server.sweepJobs()
  for (const client of [kms, there, third]) {
    expect(await materialsOf(client, primary)).toHaveLength(2)
  }
})

it('A rotation that was asked for before is made by the new primary key, once', async () => {
  const { primary, replica } = await pair()
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: primary.id }))
  await update(primary)
  expect((await statusOf(there, replica)).OnDemandRotationStartDate).toBeInstanceOf(Date)
  expect((await statusOf(kms, primary)).OnDemandRotationStartDate).toBeUndefined()
  await server.sweepJobs()
  await server.sweepJobs()
  expect(await materialsOf(kms, primary)).toHaveLength(2)
  expect(await eventsOf(server, 'RotateKey', replica)).toHaveLength(1)
  expect(await eventsOf(server, 'RotateKey', primary)).toHaveLength(0)
})

it('UpdatePrimaryRegion is recorded in both Regions, and its end as a synchronisation', async () => {
  const { primary, replica } = await pair()
  const records = await recordsOf(server, update(primary))
  expect(records).toHaveLength(2)
  const of = (region: string) => records.find(({ awsRegion }) => awsRegion === region)
  expect(of(PRIMARY_REGION)).toMatchObject({
    eventName: 'UpdatePrimaryRegion',
    requestParameters: { keyId: primary.id, primaryRegion: REPLICA_REGION },
    responseElements: { keyId: primary.arn },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: primary.arn }],
  })
  expect(of(REPLICA_REGION)).toMatchObject({
    eventName: 'UpdatePrimaryRegion',
    requestParameters: { keyId: replica.arn, primaryRegion: REPLICA_REGION },
    responseElements: { keyId: replica.arn },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: replica.arn }],
  })
  await server.sweepJobs()
  await server.sweepJobs()
  expect(await eventsOf(server, 'SynchronizeMultiRegionKey', replica)).toHaveLength(1)
})

describe('UpdatePrimaryRegion refuses', () => {
  const unsupported = (message: string) => refusal('UnsupportedOperationException', message)

  it('a key of one Region, and a replica', async () => {
    const key = await newKey(kms)
    expect(await refusalOf(update(key))).toEqual(
      unsupported(`${key.arn} is not a multi-Region primary key.`),
    )
    const { replica } = await pair()
    expect(await refusalOf(update(replica, PRIMARY_REGION, there))).toEqual(
      unsupported(`${replica.arn} is not a multi-Region primary key.`),
    )
  })

  it('the Region that is the primary one', async () => {
    const { primary } = await pair()
    expect(await refusalOf(update(primary, PRIMARY_REGION))).toEqual(
      unsupported(`${primary.arn} is the multi-Region primary key already.`),
    )
  })

  it('a Region without a replica, offered or not, and what is no Region', async () => {
    const { primary } = await pair()
    for (const region of [THIRD_REGION, 'eu-north-1']) {
      const arn = primary.arn.replace(PRIMARY_REGION, region)
      expect(await refusalOf(update(primary, region))).toEqual(
        refusal('NotFoundException', `Key '${arn}' does not exist`),
      )
    }
    expect(await refusalOf(update(primary, 'x'))).toEqual(
      invalid(
        "Value 'x' at 'primaryRegion' failed to satisfy constraint: Member must satisfy regular expression pattern: ^([a-z]+-){2,3}\\d+$",
      ),
    )
  })

  it('a replica that is not ready, disabled or on its way out, and changes nothing', async () => {
    const primary = await newPrimary(kms)
    await kms.send(new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: REPLICA_REGION }))
    const arn = primary.arn.replace(PRIMARY_REGION, REPLICA_REGION)
    expect(await refusalOf(update(primary))).toEqual(
      refusal('KMSInvalidStateException', `${arn} is creating.`),
    )
    await server.sweepJobs()
    await there.send(new DisableKeyCommand({ KeyId: primary.id }))
    expect(await refusalOf(update(primary))).toEqual(
      refusal('DisabledException', `${arn} is disabled.`),
    )
    await there.send(new ScheduleKeyDeletionCommand({ KeyId: primary.id }))
    expect(await refusalOf(update(primary))).toEqual(
      refusal('KMSInvalidStateException', `${arn} is pending deletion.`),
    )
    expect(await metadataOf(kms, primary)).toMatchObject({
      KeyState: 'Enabled',
      MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY' },
    })
  })

  it('a primary key that is disabled or on its way out', async () => {
    const { primary } = await pair()
    await kms.send(new DisableKeyCommand({ KeyId: primary.id }))
    expect(await refusalOf(update(primary))).toEqual(
      refusal('DisabledException', `${primary.arn} is disabled.`),
    )
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: primary.id }))
    expect(await refusalOf(update(primary))).toEqual(
      refusal('KMSInvalidStateException', `${primary.arn} is pending replica deletion.`),
    )
  })

  it('a key that does not exist, and what names none', async () => {
    const id = 'mrk-00000000000000000000000000000000'
    const arn = `arn:aws:kms:us-east-1:111122223333:key/${id}`
    expect(await refusalOf(update({ id, arn }))).toEqual(
      refusal('NotFoundException', `Key '${arn}' does not exist`),
    )
    expect((await refusalOf(update({ id: 'arn:aws:kms:nowhere', arn }))).name).toBe(
      'InvalidArnException',
    )
  })
})
