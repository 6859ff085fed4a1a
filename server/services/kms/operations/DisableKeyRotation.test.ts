// DisableKeyRotation as callers see it.
import {
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
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

function disable(KeyId: string) {
  return kms.send(new DisableKeyRotationCommand({ KeyId }))
}

it('DisableKeyRotation ends automatic rotation, and does nothing where there is none', async () => {
  const key = await newKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.id }))
  for (let times = 0; times < 2; times++) {
    await disable(key.arn)
    expect(await statusOf(kms, key)).toEqual({ KeyRotationEnabled: false, KeyId: key.arn })
  }
})

it('DisableKeyRotation answers with an empty body', async () => {
  const key = await newKey(kms)
  const answer = await sendSigned(server, 'DisableKeyRotation', `{"KeyId":"${key.id}"}`)
  expect([answer.status, answer.body]).toEqual([200, {}])
})

it('DisableKeyRotation refuses a disabled key and one pending deletion', async () => {
  const key = await newKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect(await refusalOf(disable(key.id))).toEqual(
    refusal('DisabledException', `${key.arn} is disabled.`),
  )
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  expect(await refusalOf(disable(key.id))).toEqual(
    refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`),
  )
})

it('DisableKeyRotation checks validity, then permission, then existence', async () => {
  const told = async (KeyId: string) => (await refusalOf(disable(KeyId))).name
  expect((await sendSigned(server, 'DisableKeyRotation', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
    'AccessDeniedException',
  )
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told('arn:')).toBe('InvalidArnException')
})

it('The record of DisableKeyRotation shows the key', async () => {
  const key = await newKey(kms)
  expect(await recordOf(server, disable(key.id))).toMatchObject({
    eventName: 'DisableKeyRotation',
    readOnly: false,
    requestParameters: { keyId: key.id },
    responseElements: { keyId: key.arn },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
