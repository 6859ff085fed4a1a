// ScheduleKeyDeletion as callers see it; what comes of it is in jobs/delete-keys.test.ts.
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { FOREIGN, NO_KEY_ID, newKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function schedule(KeyId: string, PendingWindowInDays?: number) {
  return kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }))
}

async function told(KeyId: string, days?: number): Promise<string> {
  return (await refusalOf(schedule(KeyId, days))).name
}

it.each([
  [undefined, 30],
  [7, 7],
  [30, 30],
])('ScheduleKeyDeletion with a window of %s days waits %i days', async (given, days) => {
  const key = await newKey(kms)
  const beforeMs = Date.now()
  const { $metadata, DeletionDate, ...answer } = await schedule(key.arn, given)
  expect(answer).toEqual({
    KeyId: key.arn,
    KeyState: 'PendingDeletion',
    PendingWindowInDays: days,
  })
  const waitMs = (DeletionDate?.getTime() ?? 0) - beforeMs
  expect(waitMs).toBeGreaterThanOrEqual(days * DAY_MS)
  expect(waitMs).toBeLessThan(days * DAY_MS + 60_000)
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect(KeyMetadata).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false, DeletionDate })
  expect(KeyMetadata?.PendingDeletionWindowInDays).toBeUndefined()
})

it.each([1, 6, 31, 365])('ScheduleKeyDeletion refuses a window of %i days', async (days) => {
  const key = await newKey(kms)
  expect(await refusalOf(schedule(key.id, days))).toEqual(
    refusal('ValidationException', 'PendingWindowInDays must be between 7 and 30'),
  )
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect(KeyMetadata?.KeyState).toBe('Enabled')
  expect(KeyMetadata?.DeletionDate).toBeUndefined()
})

it('ScheduleKeyDeletion refuses a window that the model knows not, in its words', async () => {
  const key = await newKey(kms)
  const at = (value: number, sentence: string) =>
    invalid(`Value '${value}' at 'pendingWindowInDays' failed to satisfy constraint: ${sentence}`)
  expect(await refusalOf(schedule(key.id, 0))).toEqual(
    at(0, 'Member must have value greater than or equal to 1'),
  )
  expect(await refusalOf(schedule(key.id, 366))).toEqual(
    at(366, 'Member must have value less than or equal to 365'),
  )
  const body = `{"KeyId":"${key.id}","PendingWindowInDays":7.5}`
  expect((await sendSigned(server, 'ScheduleKeyDeletion', body)).body.__type).toBe(
    'SerializationException',
  )
})

it('ScheduleKeyDeletion takes a disabled key, and refuses one that is pending deletion', async () => {
  const key = await newKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  const { DeletionDate } = await schedule(key.id, 7)
  expect(await refusalOf(schedule(key.id, 8))).toEqual(
    refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`),
  )
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect(KeyMetadata?.DeletionDate).toEqual(DeletionDate)
})

it('ScheduleKeyDeletion checks validity, then permission, then existence, then state', async () => {
  const pending = await newKey(kms)
  await schedule(pending.id)
  expect((await sendSigned(server, 'ScheduleKeyDeletion', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told(FOREIGN, 6)).toBe('ValidationException')
  expect(await told(FOREIGN)).toBe('AccessDeniedException')
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told('arn:aws:s3:::bucket')).toBe('InvalidArnException')
  expect(await told(pending.id)).toBe('KMSInvalidStateException')
})

it('The record of ScheduleKeyDeletion shows window, state and date', async () => {
  const key = await newKey(kms)
  const answer = schedule(key.id, 9)
  expect(await recordOf(server, answer)).toMatchObject({
    eventName: 'ScheduleKeyDeletion',
    readOnly: false,
    requestParameters: { keyId: key.id, pendingWindowInDays: 9 },
    responseElements: {
      keyId: key.arn,
      keyState: 'PendingDeletion',
      deletionDate: expect.any(String),
      pendingWindowInDays: 9,
    },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
