// UpdateKeyDescription as callers see it.
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  type KMSClient,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms, 'old')
})
afterAll(() => server.close())

function update(Description: string, KeyId = key.id) {
  return kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description }))
}

async function description(): Promise<string | undefined> {
  return (await kms.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata?.Description
}

it('UpdateKeyDescription answers with an empty body and changes what DescribeKey tells', async () => {
  const body = `{"KeyId":"${key.arn}","Description":"new"}`
  const answer = await sendSigned(server, 'UpdateKeyDescription', body)
  expect([answer.status, answer.body]).toEqual([200, {}])
  expect(await description()).toBe('new')
})

it.each(['', 'd', 'd'.repeat(8192), 'ünï\n\tcode \u{1f511} \u202e'])(
  'UpdateKeyDescription takes a description of any text (%#)',
  async (text) => {
    await update(text)
    await update(text)
    expect(await description()).toBe(text)
  },
)

it('UpdateKeyDescription refuses a description that is missing or too long', async () => {
  const long = 'd'.repeat(8193)
  expect(await refusalOf(update(long))).toEqual(
    invalid(
      `Value '${long}' at 'description' failed to satisfy constraint: Member must have length less than or equal to 8192`,
    ),
  )
  const { body } = await sendSigned(server, 'UpdateKeyDescription', `{"KeyId":"${key.id}"}`)
  expect(body.message).toBe(
    "1 validation error detected: Value null at 'description' failed to satisfy constraint: Member must not be null",
  )
})

it('UpdateKeyDescription refuses text that a database would not keep as it is', async () => {
  for (const text of ['a\\u0000b', '\\ud800', '\\udc00\\ud800']) {
    const body = `{"KeyId":"${key.id}","Description":"${text}"}`
    const answer = await sendSigned(server, 'UpdateKeyDescription', body)
    expect([answer.status, answer.body.__type]).toEqual([400, 'ValidationException'])
  }
  const created = kms.send(new CreateKeyCommand({ Description: 'a\0b' }))
  expect((await refusalOf(created)).name).toBe('ValidationException')
})

it('UpdateKeyDescription takes a disabled key and refuses one that is pending deletion', async () => {
  const other = await newKey(kms)
  await alterKey(server, other, { state: 'Disabled' })
  await update('d', other.id)
  await alterKey(server, other, { state: 'PendingDeletion' })
  expect(await refusalOf(update('e', other.id))).toEqual(
    refusal('KMSInvalidStateException', `${other.arn} is pending deletion.`),
  )
})

it('UpdateKeyDescription checks validity, then permission, then existence', async () => {
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
  expect((await refusalOf(update('d'.repeat(8193), foreign))).name).toBe('ValidationException')
  expect((await refusalOf(update('d', foreign))).name).toBe('AccessDeniedException')
  expect((await refusalOf(update('d', NO_KEY_ID))).name).toBe('NotFoundException')
})

it('UpdateKeyDescription is recorded with the description', async () => {
  expect(await recordOf(server, update('for the record'))).toMatchObject({
    eventName: 'UpdateKeyDescription',
    readOnly: false,
    requestParameters: { keyId: key.id, description: 'for the record' },
    responseElements: { keyId: key.arn },
    resources: [{ ARN: key.arn }],
  })
})
