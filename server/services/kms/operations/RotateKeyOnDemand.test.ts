// RotateKeyOnDemand as callers see it; the rotation itself is in jobs/rotate-keys.test.ts.
import {
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { materialsOf, statusOf } from '../testing/rotation.ts'
import { alterKey, NO_KEY_ID, newKey } from '../testing/stored-key.ts'

const MINUTE_MS = 60_000

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function rotate(KeyId: string) {
  return kms.send(new RotateKeyOnDemandCommand({ KeyId }))
}

it('RotateKeyOnDemand names the key, which then gets new material', async () => {
  const key = await newKey(kms)
  const { $metadata, ...answer } = await rotate(key.id)
  expect(answer).toEqual({ KeyId: key.arn })
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toMatchObject([
    { KeyMaterialState: 'NON_CURRENT' },
    { KeyMaterialState: 'CURRENT', RotationType: 'ON_DEMAND' },
  ])
})

it('RotateKeyOnDemand while a rotation is under way succeeds and is no further rotation', async () => {
  const key = await newKey(kms)
  await rotate(key.id)
  const { OnDemandRotationStartDate } = await statusOf(kms, key)
  await rotate(key.arn)
  expect((await statusOf(kms, key)).OnDemandRotationStartDate).toEqual(OnDemandRotationStartDate)
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(2)
})

it('RotateKeyOnDemand does not move the automatic rotation', async () => {
  const key = await newKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.id }))
  const status = await statusOf(kms, key)
  await rotate(key.id)
  await server.sweepJobs()
  expect(await statusOf(kms, key)).toEqual(status)
})

it('RotateKeyOnDemand rotates a key 25 times and no more', async () => {
  const key = await newKey(kms)
  for (let times = 0; times < 25; times++) {
    await rotate(key.id)
    await server.sweepJobs()
  }
  expect(await refusalOf(rotate(key.id))).toEqual(
    refusal(
      'LimitExceededException',
      `${key.arn} has reached the maximum number of on-demand rotations: 25.`,
    ),
  )
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(26)
  // Automatic rotations are not counted, and go on.
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.id }))
  await alterKey(server, key, { next_rotation_at_ms: Date.now() - 1 })
  await server.sweepJobs()
  expect(await materialsOf(kms, key)).toHaveLength(27)
})

it('RotateKeyOnDemand waits for an automatic rotation that is less than 20 minutes away', async () => {
  const key = await newKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.id }))
  await alterKey(server, key, { next_rotation_at_ms: Date.now() + 19 * MINUTE_MS })
  expect(await refusalOf(rotate(key.id))).toEqual(
    refusal(
      'ConflictException',
      'The request was rejected because an automatic rotation of this key is currently in progress or scheduled to begin within the next 20 minutes.',
    ),
  )
  await alterKey(server, key, { next_rotation_at_ms: Date.now() + 21 * MINUTE_MS })
  await rotate(key.id)
})

it('RotateKeyOnDemand refuses a disabled key and one pending deletion', async () => {
  const key = await newKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect(await refusalOf(rotate(key.id))).toEqual(
    refusal('DisabledException', `${key.arn} is disabled.`),
  )
  await kms.send(new EnableKeyCommand({ KeyId: key.id }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  expect(await refusalOf(rotate(key.id))).toEqual(
    refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`),
  )
})

it('RotateKeyOnDemand checks validity, then permission, then existence', async () => {
  const told = async (KeyId: string) => (await refusalOf(rotate(KeyId))).name
  expect((await sendSigned(server, 'RotateKeyOnDemand', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
    'AccessDeniedException',
  )
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told('arn:')).toBe('InvalidArnException')
})

it('The record of RotateKeyOnDemand shows the key in request and answer', async () => {
  const key = await newKey(kms)
  expect(await recordOf(server, rotate(key.id))).toMatchObject({
    eventName: 'RotateKeyOnDemand',
    readOnly: false,
    requestParameters: { keyId: key.id },
    responseElements: { keyId: key.arn },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
