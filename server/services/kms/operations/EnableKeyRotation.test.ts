// EnableKeyRotation as callers see it; the rotation itself is in jobs/rotate-keys.test.ts.
import {
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { statusOf } from '../testing/rotation.ts'
import { NO_KEY_ID, newKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function enable(KeyId: string, RotationPeriodInDays?: number) {
  return kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }))
}

it.each([
  [undefined, 365],
  [90, 90],
  [2560, 2560],
])('EnableKeyRotation with a period of %s days rotates after %i', async (given, days) => {
  const key = await newKey(kms)
  const beforeMs = Date.now()
  await enable(key.arn, given)
  const status = await statusOf(kms, key)
  expect(status).toMatchObject({
    KeyRotationEnabled: true,
    KeyId: key.arn,
    RotationPeriodInDays: days,
  })
  const untilMs = (status.NextRotationDate?.getTime() ?? 0) - beforeMs
  expect(untilMs).toBeGreaterThanOrEqual(days * DAY_MS)
  expect(untilMs).toBeLessThan(days * DAY_MS + 60_000)
})

it('EnableKeyRotation answers with an empty body', async () => {
  const key = await newKey(kms)
  const answer = await sendSigned(server, 'EnableKeyRotation', `{"KeyId":"${key.id}"}`)
  expect([answer.status, answer.body]).toEqual([200, {}])
})

it('EnableKeyRotation refuses a period of 89 or 2561 days', async () => {
  const key = await newKey(kms)
  const at = (value: number, sentence: string) =>
    invalid(`Value '${value}' at 'rotationPeriodInDays' failed to satisfy constraint: ${sentence}`)
  expect(await refusalOf(enable(key.id, 89))).toEqual(
    at(89, 'Member must have value greater than or equal to 90'),
  )
  expect(await refusalOf(enable(key.id, 2561))).toEqual(
    at(2561, 'Member must have value less than or equal to 2560'),
  )
  expect((await statusOf(kms, key)).KeyRotationEnabled).toBe(false)
})

it('EnableKeyRotation again keeps period and date, unless it names another period', async () => {
  const key = await newKey(kms)
  await enable(key.id, 90)
  const status = await statusOf(kms, key)
  for (const period of [undefined, 90]) {
    await enable(key.id, period)
    expect(await statusOf(kms, key)).toEqual(status)
  }
  await enable(key.id, 91)
  const changed = await statusOf(kms, key)
  expect(changed.RotationPeriodInDays).toBe(91)
  expect(changed.NextRotationDate).not.toEqual(status.NextRotationDate)
})

it('EnableKeyRotation after DisableKeyRotation begins anew', async () => {
  const key = await newKey(kms)
  await enable(key.id, 90)
  await kms.send(new DisableKeyRotationCommand({ KeyId: key.id }))
  await enable(key.id)
  expect((await statusOf(kms, key)).RotationPeriodInDays).toBe(365)
})

it('EnableKeyRotation refuses a disabled key and one pending deletion', async () => {
  const key = await newKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect(await refusalOf(enable(key.id))).toEqual(
    refusal('DisabledException', `${key.arn} is disabled.`),
  )
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  expect(await refusalOf(enable(key.id))).toEqual(
    refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`),
  )
})

it('EnableKeyRotation checks validity, then permission, then existence', async () => {
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
  const told = async (KeyId: string, days?: number) => (await refusalOf(enable(KeyId, days))).name
  expect((await sendSigned(server, 'EnableKeyRotation', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told(foreign, 1)).toBe('ValidationException')
  expect(await told(foreign)).toBe('AccessDeniedException')
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told('arn:')).toBe('InvalidArnException')
})

it('The record of EnableKeyRotation shows the period that was given, and the key', async () => {
  const key = await newKey(kms)
  expect(await recordOf(server, enable(key.id, 180))).toMatchObject({
    eventName: 'EnableKeyRotation',
    readOnly: false,
    requestParameters: { keyId: key.id, rotationPeriodInDays: 180 },
    responseElements: { keyId: key.arn },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
