// New material for keys, by schedule and on demand.
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'
import { alterKey, newKey, type StoredKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

async function rotatingKey(): Promise<StoredKey> {
  const key = await newKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }))
  return key
}

/** Lets the date of the next automatic rotation be so long ago. */
function passDate(key: StoredKey, agoMs = 0) {
  return alterKey(server, key, { next_rotation_at_ms: Date.now() - agoMs })
}

async function rotate(key: StoredKey) {
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  await server.sweepJobs()
}

async function sealed({ id }: StoredKey, text = 'x'): Promise<Uint8Array> {
  const input = { KeyId: id, Plaintext: Buffer.from(text) }
  return (await kms.send(new EncryptCommand(input))).CiphertextBlob as Uint8Array
}

async function opened(CiphertextBlob: Uint8Array) {
  const { Plaintext, KeyMaterialId } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  return { text: Buffer.from(Plaintext ?? []).toString(), KeyMaterialId }
}

async function currentOf({ id }: StoredKey): Promise<string | undefined> {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }))
  return KeyMetadata?.CurrentKeyMaterialId
}

it('Ciphertexts of every material decrypt for ever, and new ones are under the new', async () => {
  const key = await newKey(kms)
  const blobs: { blob: Uint8Array; text: string; material: string | undefined }[] = []
  for (let round = 0; round < 6; round++) {
    const text = `round ${round}`
    blobs.push({ blob: await sealed(key, text), text, material: await currentOf(key) })
    await rotate(key)
  }
  for (const { blob, text, material } of blobs) {
    expect(await opened(blob)).toEqual({ text, KeyMaterialId: material })
  }
  const all = (await materialsOf(kms, key)).map(({ KeyMaterialId }) => KeyMaterialId)
  expect(all).toEqual([...blobs.map(({ material }) => material), await currentOf(key)])
  expect(new Set(all).size).toBe(7)
  const { KeyMaterialId } = await kms.send(
    new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: 'AES_256' }),
  )
  expect(KeyMaterialId).toBe(await currentOf(key))
})

it('ReEncrypt under the same key moves a ciphertext to the current material', async () => {
  const key = await newKey(kms)
  const blob = await sealed(key)
  const before = await currentOf(key)
  await rotate(key)
  const moved = await kms.send(
    new ReEncryptCommand({ CiphertextBlob: blob, DestinationKeyId: key.id }),
  )
  expect([moved.SourceKeyMaterialId, moved.DestinationKeyMaterialId]).toEqual([
    before,
    await currentOf(key),
  ])
})

it('Calls go on while a key rotates, and what they gave decrypts', async () => {
  const key = await newKey(kms)
  const blobs: Uint8Array[] = []
  let rotating = true
  const callers = Array.from({ length: 4 }, async () => {
    while (rotating) blobs.push(await sealed(key))
  })
  for (let round = 0; round < 5; round++) await rotate(key)
  rotating = false
  await Promise.all(callers)
  const used = new Set<string | undefined>()
  for (const blob of blobs) used.add((await opened(blob)).KeyMaterialId)
  expect(used.size).toBeGreaterThan(1)
})

it('A key rotates when its date has come, and then a period later', async () => {
  const key = await rotatingKey()
  const before = await currentOf(key)
  await server.sweepJobs()
  expect(await currentOf(key)).toBe(before)
  await passDate(key)
  const atMs = Date.now()
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toMatchObject([
    { KeyMaterialId: before, KeyMaterialState: 'NON_CURRENT' },
    { KeyMaterialState: 'CURRENT', RotationType: 'AUTOMATIC' },
  ])
  const { NextRotationDate } = await statusOf(kms, key)
  const untilMs = (NextRotationDate?.getTime() ?? 0) - atMs
  expect(untilMs).toBeGreaterThanOrEqual(90 * DAY_MS)
  expect(untilMs).toBeLessThan(90 * DAY_MS + 60_000)
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(2)
})

it('A disabled key does not rotate, and does once when it is enabled again after its date', async () => {
  const key = await rotatingKey()
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  await passDate(key, 500 * DAY_MS)
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(1)
  await kms.send(new EnableKeyCommand({ KeyId: key.id }))
  await server.sweepJobs()
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(2)
})

it('A key pending deletion does not rotate, and does when its deletion was cancelled', async () => {
  const key = await rotatingKey()
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  await passDate(key, DAY_MS)
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(1)
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }))
  await kms.send(new EnableKeyCommand({ KeyId: key.id }))
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(2)
})

it('A key whose rotation was disabled does not rotate', async () => {
  const key = await rotatingKey()
  await passDate(key)
  await kms.send(new DisableKeyRotationCommand({ KeyId: key.id }))
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(1)
})

it('An on-demand rotation is finished though the key was disabled, or scheduled for deletion', async () => {
  for (const leave of [DisableKeyCommand, ScheduleKeyDeletionCommand]) {
    const key = await newKey(kms)
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
    await kms.send(new leave({ KeyId: key.id }))
    await server.sweepJobs()
    expect(await materialsOf(kms, key)).toHaveLength(2)
    expect((await statusOf(kms, key)).OnDemandRotationStartDate).toBeUndefined()
  }
})

it('A rotation on demand and one by schedule that are due together are two', async () => {
  const key = await rotatingKey()
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  await passDate(key)
  await server.sweepJobs()
  const types = (await materialsOf(kms, key)).map(({ RotationType }) => RotationType)
  await server.sweepJobs()
  expect(types.slice(1, 2)).toEqual(['ON_DEMAND'])
  expect((await materialsOf(kms, key)).map(({ RotationType }) => RotationType).slice(1)).toEqual([
    'ON_DEMAND',
    'AUTOMATIC',
  ])
})

it('Rotations are recorded once each, as CloudTrail records them', async () => {
  const key = await rotatingKey()
  const first = await currentOf(key)
  await passDate(key)
  await server.sweepJobs()
  const second = await currentOf(key)
  await rotate(key)
  const third = await currentOf(key)
  const shown = {
    userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
    eventSource: 'kms.amazonaws.com',
    requestParameters: null,
    responseElements: null,
    readOnly: false,
    eventType: 'AwsServiceEvent',
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  }
  const details = { keyOrigin: 'AWS_KMS', keyId: key.id }
  expect(await eventsOf(server, 'RotateKey', key)).toMatchObject([
    {
      ...shown,
      serviceEventDetails: {
        ...details,
        rotationType: 'AUTOMATIC',
        previousKeyMaterialId: first,
        currentKeyMaterialId: second,
      },
    },
    {
      ...shown,
      serviceEventDetails: {
        ...details,
        rotationType: 'ON_DEMAND',
        previousKeyMaterialId: second,
        currentKeyMaterialId: third,
      },
    },
  ])
})
