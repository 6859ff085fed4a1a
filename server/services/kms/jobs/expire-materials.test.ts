// Imported material goes when its date has come, and is not used a moment longer.
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { passExpiration } from '../testing/expiration.ts'
import { importInto, newExternalKey } from '../testing/importing.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { materialsOf } from '../testing/rotation.ts'
import type { StoredKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

const tomorrow = () => new Date(Date.now() + DAY_MS)

async function expiringKey() {
  const key = await newExternalKey(kms)
  const material = randomBytes(32)
  const { KeyMaterialId } = await importInto(kms, key, material, { ValidTo: tomorrow() })
  return { key, material, KeyMaterialId }
}

function encrypt({ id }: StoredKey) {
  return kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }))
}

async function metadataOf({ id }: StoredKey) {
  return (await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata
}

it('Material is deleted on its date, which is recorded, and can come back', async () => {
  const { key, material, KeyMaterialId } = await expiringKey()
  const { CiphertextBlob } = await encrypt(key)
  await server.sweepJobs()
  expect((await metadataOf(key))?.KeyState).toBe('Enabled')
  await passExpiration(server, key)
  await server.sweepJobs()
  expect(await metadataOf(key)).toMatchObject({ KeyState: 'PendingImport', Enabled: false })
  expect(await metadataOf(key)).not.toHaveProperty('ValidTo')
  expect(await materialsOf(kms, key)).toEqual([
    { KeyId: key.arn, KeyMaterialId, KeyMaterialState: 'CURRENT', ImportState: 'PENDING_IMPORT' },
  ])
  await server.sweepJobs()
  const [event, ...others] = await eventsOf(server, 'DeleteExpiredKeyMaterial', key)
  expect(others).toEqual([])
  expect(event).toMatchObject({
    eventType: 'AwsServiceEvent',
    eventSource: 'kms.amazonaws.com',
    resources: [{ ARN: key.arn }],
    responseElements: null,
  })
  expect(event?.serviceEventDetails).toEqual({ keyId: key.id, keyMaterialId: KeyMaterialId })
  await importInto(kms, key, material)
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x')
})

it('A key past its date is not used, whether or not its material was deleted already', async () => {
  const { key, material } = await expiringKey()
  const { CiphertextBlob } = await encrypt(key)
  await passExpiration(server, key)
  const expected = refusal('KMSInvalidStateException', `${key.arn} is pending import.`)
  expect(await refusalOf(encrypt(key))).toEqual(expected)
  expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob })))).toEqual(expected)
  for (const command of [EnableKeyCommand, DisableKeyCommand]) {
    expect(await refusalOf(kms.send(new command({ KeyId: key.id })))).toEqual(expected)
  }
  expect(await metadataOf(key)).toMatchObject({ KeyState: 'PendingImport', Enabled: false })
  // What changes the key meanwhile leaves a row that is still believed.
  await kms.send(new UpdateKeyDescriptionCommand({ KeyId: key.id, Description: 'late' }))
  expect(await metadataOf(key)).toMatchObject({ KeyState: 'PendingImport', Description: 'late' })
  await importInto(kms, key, material, { ValidTo: tomorrow() })
  expect((await kms.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(key.arn)
  await server.sweepJobs()
  expect((await metadataOf(key))?.KeyState).toBe('Enabled')
  expect(await eventsOf(server, 'DeleteExpiredKeyMaterial', key)).toEqual([])
})

it('Material that waits for a rotation expires alone', async () => {
  const key = await newExternalKey(kms)
  await importInto(kms, key, randomBytes(32))
  const input = { ValidTo: tomorrow(), ImportType: 'NEW_KEY_MATERIAL' } as const
  const { KeyMaterialId } = await importInto(kms, key, randomBytes(32), input)
  expect(await metadataOf(key)).not.toHaveProperty('ValidTo')
  await passExpiration(server, key)
  const told = await refusalOf(kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id })))
  expect(told.message).toBe(`No available key material pending rotation for the key: ${key.arn}.`)
  await server.sweepJobs()
  expect((await metadataOf(key))?.KeyState).toBe('Enabled')
  expect(await materialsOf(kms, key)).toHaveLength(1)
  expect(await eventsOf(server, 'DeleteExpiredKeyMaterial', key)).toMatchObject([
    { serviceEventDetails: { keyMaterialId: KeyMaterialId } },
  ])
})

it('The first date of several materials is the date of the key', async () => {
  const key = await newExternalKey(kms)
  const dates = [new Date(Date.now() + 2 * DAY_MS), tomorrow()] as const
  await importInto(kms, key, randomBytes(32), { ValidTo: dates[0] })
  const input = { ValidTo: dates[1], ImportType: 'NEW_KEY_MATERIAL' } as const
  await importInto(kms, key, randomBytes(32), input)
  const seconds = async () => Math.round(((await metadataOf(key))?.ValidTo?.getTime() ?? 0) / 1000)
  expect(await seconds()).toBe(Math.round(dates[0].getTime() / 1000))
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  await server.sweepJobs()
  expect(await seconds()).toBe(Math.round(dates[1].getTime() / 1000))
})

it('A key that is pending deletion loses its material and stays as it is', async () => {
  const { key } = await expiringKey()
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  await passExpiration(server, key)
  expect((await metadataOf(key))?.KeyState).toBe('PendingDeletion')
  await server.sweepJobs()
  expect((await metadataOf(key))?.KeyState).toBe('PendingDeletion')
  expect(await eventsOf(server, 'DeleteExpiredKeyMaterial', key)).toHaveLength(1)
})
