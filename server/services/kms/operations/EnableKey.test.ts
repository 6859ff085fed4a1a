// EnableKey as callers see it. References and states: keys/key-reference.test.ts, keys/key-state.test.ts.
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, NO_KEY_ID, newKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

it('EnableKey answers with an empty body', async () => {
  const key = await newKey(kms)
  const response = await sendSigned(server, 'EnableKey', `{"KeyId":"${key.id}"}`)
  expect([response.status, response.body]).toEqual([200, {}])
})

it('EnableKey leaves a key that is so already as it is', async () => {
  const key = await newKey(kms)
  for (let times = 0; times < 2; times++) {
    await kms.send(new EnableKeyCommand({ KeyId: key.id }))
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
    expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled', Enabled: true })
  }
})

it('EnableKey changes one key and no other', async () => {
  const [key, other] = [await newKey(kms), await newKey(kms)]
  for (const { id } of [key, other]) await kms.send(new DisableKeyCommand({ KeyId: id }))
  await kms.send(new EnableKeyCommand({ KeyId: key.arn }))
  const stateOf = async (KeyId: string) =>
    (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState
  expect([await stateOf(key.id), await stateOf(other.id)]).toEqual(['Enabled', 'Disabled'])
})

it('EnableKey checks validity, then permission, then existence, then state', async () => {
  const pending = await newKey(kms)
  await alterKey(server, pending, { state: 'PendingDeletion' })
  const told = async (KeyId: string) =>
    (await refusalOf(kms.send(new EnableKeyCommand({ KeyId })))).name
  expect((await sendSigned(server, 'EnableKey', '{}')).body.__type).toBe('ValidationException')
  expect(await told('')).toBe('ValidationException')
  expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
    'AccessDeniedException',
  )
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  expect(await told(pending.id)).toBe('KMSInvalidStateException')
})

it('EnableKey is recorded with the ARN of the key in place of an answer', async () => {
  const key = await newKey(kms)
  const answer = kms.send(new EnableKeyCommand({ KeyId: key.id }))
  expect(await recordOf(server, answer)).toMatchObject({
    eventName: 'EnableKey',
    readOnly: false,
    requestParameters: { keyId: key.id },
    responseElements: { keyId: key.arn },
    resources: [{ ARN: key.arn }],
  })
})
