// GetKeyRotationStatus as callers see it; the answers are those that AWS was seen to give.
import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { statusOf } from '../testing/rotation.ts'
import { NO_KEY_ID, newKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

it('GetKeyRotationStatus of a key that does not rotate tells no period and no date', async () => {
  const key = await newKey(kms)
  expect(await statusOf(kms, key)).toEqual({ KeyRotationEnabled: false, KeyId: key.arn })
})

it('GetKeyRotationStatus of a disabled key stays what it was', async () => {
  const key = await newKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }))
  const status = await statusOf(kms, key)
  expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 })
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect(await statusOf(kms, key)).toEqual(status)
})

it('GetKeyRotationStatus is false while the key is pending deletion, and true again after', async () => {
  const key = await newKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }))
  const status = await statusOf(kms, key)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  expect(await statusOf(kms, key)).toEqual({ KeyRotationEnabled: false, KeyId: key.arn })
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }))
  expect(await statusOf(kms, key)).toEqual(status)
})

it('GetKeyRotationStatus tells since when an on-demand rotation is under way, until it is done', async () => {
  const key = await newKey(kms)
  const beforeMs = Date.now()
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  const { OnDemandRotationStartDate, ...rest } = await statusOf(kms, key)
  expect(OnDemandRotationStartDate?.getTime()).toBeGreaterThanOrEqual(beforeMs)
  expect(rest).toEqual({ KeyRotationEnabled: false, KeyId: key.arn })
  await server.sweepJobs()
  expect(await statusOf(kms, key)).toEqual(rest)
})

it('GetKeyRotationStatus checks validity, then permission, then existence', async () => {
  const told = async (KeyId: string) =>
    (await refusalOf(kms.send(new GetKeyRotationStatusCommand({ KeyId })))).name
  expect((await sendSigned(server, 'GetKeyRotationStatus', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
    'AccessDeniedException',
  )
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told('arn:')).toBe('InvalidArnException')
})

it('The record of GetKeyRotationStatus shows the key and no answer', async () => {
  const key = await newKey(kms)
  const call = kms.send(new GetKeyRotationStatusCommand({ KeyId: key.id }))
  expect(await recordOf(server, call)).toMatchObject({
    eventName: 'GetKeyRotationStatus',
    readOnly: true,
    requestParameters: { keyId: key.id },
    responseElements: null,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
