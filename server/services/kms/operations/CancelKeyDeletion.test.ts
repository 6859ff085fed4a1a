// CancelKeyDeletion as callers see it.
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { NO_KEY_ID, newKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function cancel(KeyId: string) {
  return kms.send(new CancelKeyDeletionCommand({ KeyId }))
}

async function scheduledKey() {
  const key = await newKey(kms)
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('kept') }),
  )
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }))
  return { ...key, blob: CiphertextBlob as Uint8Array }
}

it('CancelKeyDeletion leaves the key disabled, without a date, and as good as before', async () => {
  const key = await scheduledKey()
  const { $metadata, ...answer } = await cancel(key.arn)
  expect(answer).toEqual({ KeyId: key.arn })
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false })
  expect(KeyMetadata?.DeletionDate).toBeUndefined()
  await kms.send(new EnableKeyCommand({ KeyId: key.id }))
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: key.blob }))
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('kept')
})

it('CancelKeyDeletion lets the deletion be scheduled anew', async () => {
  const key = await scheduledKey()
  await cancel(key.id)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  expect(await cancel(key.id)).toMatchObject({ KeyId: key.arn })
})

it('CancelKeyDeletion refuses a key that is enabled, or disabled', async () => {
  const key = await newKey(kms)
  const expected = refusal('KMSInvalidStateException', `${key.arn} is not pending deletion.`)
  expect(await refusalOf(cancel(key.id))).toEqual(expected)
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect(await refusalOf(cancel(key.id))).toEqual(expected)
})

it('CancelKeyDeletion checks validity, then permission, then existence, then state', async () => {
  const key = await newKey(kms)
  const told = async (KeyId: string) => (await refusalOf(cancel(KeyId))).name
  expect((await sendSigned(server, 'CancelKeyDeletion', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told('')).toBe('ValidationException')
  expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
    'AccessDeniedException',
  )
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told('arn:')).toBe('InvalidArnException')
  expect(await told(key.id)).toBe('KMSInvalidStateException')
})

it('The record of CancelKeyDeletion shows the key in request and answer', async () => {
  const key = await scheduledKey()
  expect(await recordOf(server, cancel(key.id))).toMatchObject({
    eventName: 'CancelKeyDeletion',
    readOnly: false,
    requestParameters: { keyId: key.id },
    responseElements: { keyId: key.arn },
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
