// DisconnectCustomKeyStore as callers see it.
import { DisconnectCustomKeyStoreCommand, type KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'

const ID = 'cks-1234567890abcdef0'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

it('DisconnectCustomKeyStore finds no custom key store, whichever is asked for', async () => {
  const command = new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId: ID })
  expect(await refusalOf(kms.send(command))).toEqual(
    refusal('CustomKeyStoreNotFoundException', `Custom key store ${ID} does not exist.`),
  )
})

it('DisconnectCustomKeyStore needs an id of 1 to 64 characters', async () => {
  for (const body of [
    '{}',
    '{"CustomKeyStoreId":""}',
    `{"CustomKeyStoreId":"${'a'.repeat(65)}"}`,
  ]) {
    const answer = await sendSigned(server, 'DisconnectCustomKeyStore', body)
    expect(answer.body.__type).toBe('ValidationException')
    expect(answer.body.message).toContain("at 'customKeyStoreId' failed to satisfy constraint")
  }
})

it('DisconnectCustomKeyStore is recorded with its refusal', async () => {
  const answer = kms.send(new DisconnectCustomKeyStoreCommand({ CustomKeyStoreId: ID }))
  const record = await recordOf(server, answer)
  expect(record).toMatchObject({
    eventName: 'DisconnectCustomKeyStore',
    readOnly: false,
    requestParameters: { customKeyStoreId: ID },
    responseElements: null,
    errorCode: 'CustomKeyStoreNotFoundException',
  })
})
