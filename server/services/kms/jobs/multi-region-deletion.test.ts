// A primary key goes last: it waits for its replicas, and only then for its own waiting period.
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import {
  metadataOf,
  newPrimary,
  PRIMARY_REGION,
  REPLICA_REGION,
  replicate,
  THIRD_REGION,
} from '../testing/multi-region.ts'
import { recordOf } from '../testing/recorded.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { alterKey, type StoredKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000

let server: TestServer
let kms: KMSClient
let there: KMSClient
beforeAll(async () => {
  server = await testServer({ regions: [PRIMARY_REGION, REPLICA_REGION, THIRD_REGION] })
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
})
afterAll(() => server.close())

function schedule(client: KMSClient, { id }: StoredKey, PendingWindowInDays = 7) {
  return client.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays }))
}

/** Lets the waiting period of the key be over, and deletes it. */
async function expire(key: StoredKey) {
  await alterKey(server, key, { deletes_at_ms: Date.now() })
  await server.sweepJobs()
}

async function pair() {
  const primary = await newPrimary(kms)
  return { primary, replica: await replicate(server, primary) }
}

it('A primary key with replicas waits for them without a date, and can do nothing meanwhile', async () => {
  const { primary } = await pair()
  const answer = schedule(kms, primary, 9)
  const { $metadata, ...told } = await answer
  expect(told).toEqual({
    KeyId: primary.arn,
    KeyState: 'PendingReplicaDeletion',
    PendingWindowInDays: 9,
  })
  expect((await recordOf(server, answer)).responseElements).toEqual({
    keyId: primary.arn,
    keyState: 'PendingReplicaDeletion',
    pendingWindowInDays: 9,
  })
  const metadata = await metadataOf(kms, primary)
  expect(metadata).toMatchObject({
    KeyState: 'PendingReplicaDeletion',
    Enabled: false,
    PendingDeletionWindowInDays: 9,
  })
  expect(metadata.DeletionDate).toBeUndefined()
  const KeyId = primary.id
  const pending = refusal('KMSInvalidStateException', `${primary.arn} is pending replica deletion.`)
  for (const command of [
    new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }),
    new EnableKeyCommand({ KeyId }),
    new DisableKeyCommand({ KeyId }),
    new ScheduleKeyDeletionCommand({ KeyId }),
    new ReplicateKeyCommand({ KeyId, ReplicaRegion: THIRD_REGION }),
    new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
  ]) {
    expect(await refusalOf(kms.send(command as EncryptCommand))).toEqual(pending)
  }
  const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }))
  expect(status.KeyRotationEnabled).toBe(false)
})

it('A replica works on while its primary key waits, also where a date would have passed', async () => {
  const { primary, replica } = await pair()
  await schedule(kms, primary)
  await expire(primary)
  expect((await metadataOf(kms, primary)).KeyState).toBe('PendingReplicaDeletion')
  const input = { KeyId: replica.id, Plaintext: Buffer.from('x') }
  const { CiphertextBlob } = await there.send(new EncryptCommand(input))
  await there.send(new DecryptCommand({ CiphertextBlob }))
})

it('A primary key is not deleted before its replicas even where its row says that it is due', async () => {
  const { primary } = await pair()
  await alterKey(server, primary, { state: 'PendingDeletion', deletes_at_ms: 1 })
  await server.sweepJobs()
  expect((await metadataOf(kms, primary)).KeyState).toBe('PendingDeletion')
})

it('The waiting period of the primary key begins when the last replica is gone', async () => {
  const { primary, replica } = await pair()
  const other = await replicate(server, primary, { ReplicaRegion: THIRD_REGION })
  await schedule(kms, primary, 8)
  await schedule(there, replica)
  await schedule(server.kms({ region: THIRD_REGION }), other)
  await expire(replica)
  expect(await refusalOf(there.send(new DescribeKeyCommand({ KeyId: replica.id })))).toEqual(
    refusal('NotFoundException', `Key '${replica.arn}' does not exist`),
  )
  expect(await metadataOf(kms, primary)).toMatchObject({
    KeyState: 'PendingReplicaDeletion',
    MultiRegionConfiguration: { ReplicaKeys: [{ Arn: other.arn, Region: THIRD_REGION }] },
  })
  const earliestMs = Date.now() + 8 * DAY_MS
  await expire(other)
  const metadata = await metadataOf(kms, primary)
  expect(metadata).toMatchObject({
    KeyState: 'PendingDeletion',
    MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY', ReplicaKeys: [] },
  })
  expect(metadata.PendingDeletionWindowInDays).toBeUndefined()
  expect(metadata.DeletionDate?.getTime()).toBeGreaterThanOrEqual(earliestMs - 1000)
  expect(metadata.DeletionDate?.getTime()).toBeLessThan(earliestMs + 60_000)
  await expire(primary)
  expect((await refusalOf(metadataOf(kms, primary))).name).toBe('NotFoundException')
  expect(await eventsOf(server, 'DeleteKey', primary)).toHaveLength(1)
})

it('A primary key without replicas is pending deletion at once', async () => {
  const primary = await newPrimary(kms)
  const { KeyState, DeletionDate } = await schedule(kms, primary)
  expect([KeyState, DeletionDate]).toEqual(['PendingDeletion', expect.any(Date)])
})

it('CancelKeyDeletion takes back what waits for replicas; nothing begins when they go', async () => {
  const { primary, replica } = await pair()
  await schedule(kms, primary)
  const cancelled = await kms.send(new CancelKeyDeletionCommand({ KeyId: primary.id }))
  expect(cancelled.KeyId).toBe(primary.arn)
  const metadata = await metadataOf(kms, primary)
  expect(metadata.KeyState).toBe('Disabled')
  expect(metadata.PendingDeletionWindowInDays).toBeUndefined()
  await schedule(there, replica)
  await expire(replica)
  expect((await metadataOf(kms, primary)).KeyState).toBe('Disabled')
})

it('A deleted replica can be made again, and decrypts what the first one encrypted', async () => {
  const { primary, replica } = await pair()
  const input = { KeyId: replica.id, Plaintext: Buffer.from('x') }
  const { CiphertextBlob } = await there.send(new EncryptCommand(input))
  await schedule(there, replica)
  const again = () => replicate(server, primary)
  expect((await refusalOf(again())).name).toBe('AlreadyExistsException')
  await expire(replica)
  await kms.send(new DecryptCommand({ CiphertextBlob }))
  await again()
  const { Plaintext } = await there.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(Plaintext ?? []).toString()).toBe('x')
})

it('A replica that is creating can be scheduled for deletion, and taken back whole', async () => {
  const primary = await newPrimary(kms)
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: primary.id, Plaintext: Buffer.from('x') }),
  )
  await kms.send(new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: REPLICA_REGION }))
  expect((await schedule(there, primary)).KeyState).toBe('PendingDeletion')
  await server.sweepJobs()
  expect((await metadataOf(there, primary)).KeyState).toBe('PendingDeletion')
  await there.send(new CancelKeyDeletionCommand({ KeyId: primary.id }))
  await there.send(new EnableKeyCommand({ KeyId: primary.id }))
  await there.send(new DecryptCommand({ CiphertextBlob }))
})
