// New material for multi-Region keys: made for the primary key, and in the same moment for its replicas.
import {
  DecryptCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  type KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { KmsTables } from '../tables.ts'
import { metadataOf, newPrimary, REPLICA_REGION, replicate } from '../testing/multi-region.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'
import { alterKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let there: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
})
afterAll(() => server.close())

async function pair() {
  const primary = await newPrimary(kms)
  return { primary, replica: await replicate(server, primary) }
}

function enable(client: KMSClient, { id }: StoredKey, RotationPeriodInDays = 90) {
  return client.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays }))
}

async function sealedAndOpened(from: KMSClient, to: KMSClient, { id }: StoredKey) {
  const input = { KeyId: id, Plaintext: Buffer.from('x') }
  const { CiphertextBlob } = await from.send(new EncryptCommand(input))
  return (await to.send(new DecryptCommand({ CiphertextBlob }))).KeyMaterialId
}

it('An on-demand rotation reaches the replica with the primary key', async () => {
  const { primary, replica } = await pair()
  const before = (await metadataOf(kms, primary)).CurrentKeyMaterialId
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: primary.id }))
  await server.sweepJobs()
  const current = (await metadataOf(kms, primary)).CurrentKeyMaterialId
  expect(current).not.toBe(before)
  expect((await metadataOf(there, replica)).CurrentKeyMaterialId).toBe(current)
  expect(await sealedAndOpened(kms, there, primary)).toBe(current)
  expect(await sealedAndOpened(there, kms, primary)).toBe(current)
  expect(await materialsOf(there, replica)).toEqual(
    (await materialsOf(kms, primary)).map((entry) => ({ ...entry, KeyId: replica.arn })),
  )
  expect(await eventsOf(server, 'RotateKey', primary)).toHaveLength(1)
  expect(await eventsOf(server, 'RotateKey', replica)).toHaveLength(0)
})

it('An automatic rotation is made once, by the primary key, and the next date is the same', async () => {
  const { primary, replica } = await pair()
  await enable(kms, primary)
  for (const key of [primary, replica]) {
    await alterKey(server, key, { next_rotation_at_ms: Date.now() })
  }
  await server.sweepJobs()
  await server.sweepJobs()
  expect(await materialsOf(kms, primary)).toHaveLength(2)
  expect(await materialsOf(there, replica)).toHaveLength(2)
  const { KeyId, ...status } = await statusOf(kms, primary)
  expect(await statusOf(there, replica)).toEqual({ ...status, KeyId: replica.arn })
  expect(status.NextRotationDate?.getTime()).toBeGreaterThan(Date.now() + 89 * 86_400_000)
})

it('Rotation is enabled, changed and disabled for all related keys at the primary key', async () => {
  const { primary, replica } = await pair()
  for (const days of [90, 200]) {
    await enable(kms, primary, days)
    expect(await statusOf(there, replica)).toEqual({
      ...(await statusOf(kms, primary)),
      KeyId: replica.arn,
      RotationPeriodInDays: days,
    })
  }
  await kms.send(new DisableKeyRotationCommand({ KeyId: primary.id }))
  expect((await statusOf(there, replica)).KeyRotationEnabled).toBe(false)
})

it('A replica refuses to be rotated by itself, and to have its rotation changed', async () => {
  const { replica } = await pair()
  const KeyId = replica.id
  const refused = refusal(
    'UnsupportedOperationException',
    `${replica.arn} is not a multi-Region primary key.`,
  )
  expect(await refusalOf(enable(there, replica))).toEqual(refused)
  for (const command of [
    new DisableKeyRotationCommand({ KeyId }),
    new RotateKeyOnDemandCommand({ KeyId }),
  ]) {
    expect(await refusalOf(there.send(command as RotateKeyOnDemandCommand))).toEqual(refused)
  }
})

it('A replica that is disabled, creating or pending deletion gets the new material as well', async () => {
  for (const bring of [
    (id: string) => there.send(new DisableKeyCommand({ KeyId: id })),
    (id: string) => there.send(new ScheduleKeyDeletionCommand({ KeyId: id })),
  ]) {
    const { primary, replica } = await pair()
    await bring(replica.id)
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: primary.id }))
    await server.sweepJobs()
    expect(await materialsOf(there, replica)).toHaveLength(2)
  }
  const primary = await newPrimary(kms)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: primary.id }))
  await kms.send(new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: REPLICA_REGION }))
  await server.sweepJobs()
  const { KeyState, CurrentKeyMaterialId } = await metadataOf(there, primary)
  expect(KeyState).toBe('Enabled')
  expect(CurrentKeyMaterialId).toBe((await metadataOf(kms, primary)).CurrentKeyMaterialId)
  expect(await sealedAndOpened(there, kms, primary)).toBe(CurrentKeyMaterialId)
})

it('A disabled primary key does not rotate by itself, and its replica neither', async () => {
  const { primary, replica } = await pair()
  await enable(kms, primary)
  await kms.send(new DisableKeyCommand({ KeyId: primary.id }))
  for (const key of [primary, replica]) {
    await alterKey(server, key, { next_rotation_at_ms: Date.now() })
  }
  await server.sweepJobs()
  expect(await materialsOf(there, replica)).toHaveLength(1)
})

it('A replica does no cryptography while it is creating, nor is it changed; whether it rotates is told', async () => {
  const primary = await newPrimary(kms)
  await kms.send(new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: REPLICA_REGION }))
  const arn = primary.arn.replace('us-east-1', REPLICA_REGION)
  const creating = refusal('KMSInvalidStateException', `${arn} is creating.`)
  const KeyId = primary.id
  expect(await statusOf(there, primary)).toEqual({ KeyId: arn, KeyRotationEnabled: false })
  expect(await refusalOf(enable(there, primary))).toEqual(creating)
  expect(await refusalOf(sealedAndOpened(there, there, primary))).toEqual(creating)
  expect(await refusalOf(there.send(new DisableKeyCommand({ KeyId })))).toEqual(creating)
  const sign = { KeyId, Message: Buffer.from('x'), SigningAlgorithm: 'ECDSA_SHA_256' } as const
  expect(await refusalOf(there.send(new SignCommand(sign)))).toEqual(creating)
})

it('A replica without a material of its primary key stays creating, and the log tells', async () => {
  const primary = await newPrimary(kms)
  await kms.send(new ReplicateKeyCommand({ KeyId: primary.id, ReplicaRegion: REPLICA_REGION }))
  await server.storage.write(async (tx) => {
    await tx.db
      .$extendTables<KmsTables>()
      .deleteFrom('kms_key_materials')
      .where('key_id', '=', primary.id)
      .where('region', '=', REPLICA_REGION)
      .execute()
  })
  await server.sweepJobs()
  expect((await metadataOf(there, primary)).KeyState).toBe('Creating')
  expect(server.logged.some((line) => line.includes('of its primary key'))).toBe(true)
})
