// DeleteCustomKeyStore as callers see it.
import { DeleteCustomKeyStoreCommand, type KMSClient } from '@aws-sdk/client-kms'
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

it('DeleteCustomKeyStore finds no custom key store, whichever is asked for', async () => {
  const command = new DeleteCustomKeyStoreCommand({ CustomKeyStoreId: ID })
  expect(await refusalOf(kms.send(command))).toEqual(
    refusal('CustomKeyStoreNotFoundException', `Custom key store ${ID} does not exist.`),
  )
})

it('DeleteCustomKeyStore needs an id of 1 to 64 characters', async () => {
  for (const body of [
    '{}',
    '{"CustomKeyStoreId":""}',
    `{"CustomKeyStoreId":"${'a'.repeat(65)}"}`,
  ]) {
    const answer = await sendSigned(server, 'DeleteCustomKeyStore', body)
    expect(answer.body.__type).toBe('ValidationException')
    expect(answer.body.message).toContain("at 'customKeyStoreId' failed to satisfy constraint")
  }
})

it('DeleteCustomKeyStore is recorded with its refusal', async () => {
  const answer = kms.send(new DeleteCustomKeyStoreCommand({ CustomKeyStoreId: ID }))
  const record = await recordOf(server, answer)
  expect(record).toMatchObject({
    eventName: 'DeleteCustomKeyStore',
    readOnly: false,
    requestParameters: { customKeyStoreId: ID },
    responseElements: null,
    errorCode: 'CustomKeyStoreNotFoundException',
  })
})
