// UpdateCustomKeyStore as callers see it.
import { type KMSClient, UpdateCustomKeyStoreCommand } from '@aws-sdk/client-kms'
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

it('UpdateCustomKeyStore finds no custom key store, whichever is asked for', async () => {
  const command = new UpdateCustomKeyStoreCommand({ CustomKeyStoreId: ID })
  expect(await refusalOf(kms.send(command))).toEqual(
    refusal('CustomKeyStoreNotFoundException', `Custom key store ${ID} does not exist.`),
  )
})

it('UpdateCustomKeyStore needs an id of 1 to 64 characters', async () => {
  for (const body of [
    '{}',
    '{"CustomKeyStoreId":""}',
    `{"CustomKeyStoreId":"${'a'.repeat(65)}"}`,
  ]) {
    const answer = await sendSigned(server, 'UpdateCustomKeyStore', body)
    expect(answer.body.__type).toBe('ValidationException')
    expect(answer.body.message).toContain("at 'customKeyStoreId' failed to satisfy constraint")
  }
})

it('UpdateCustomKeyStore checks what it is told, and repeats no password', async () => {
  const body = {
    CustomKeyStoreId: ID,
    KeyStorePassword: 'short',
    XksProxyUriEndpoint: 'ftp://proxy',
  }
  const answer = await sendSigned(server, 'UpdateCustomKeyStore', JSON.stringify(body))
  expect(answer.body.message).toMatch(/^2 validation errors detected: /)
  expect(answer.body.message).toContain("Value at 'keyStorePassword' failed to satisfy constraint")
  expect(answer.body.message).not.toContain('short')
})

it('UpdateCustomKeyStore is recorded with its refusal', async () => {
  const answer = kms.send(
    new UpdateCustomKeyStoreCommand({ CustomKeyStoreId: ID, KeyStorePassword: 'kmsuser-password' }),
  )
  const record = await recordOf(server, answer)
  expect(record).toMatchObject({
    eventName: 'UpdateCustomKeyStore',
    readOnly: false,
    requestParameters: { customKeyStoreId: ID },
    responseElements: null,
    errorCode: 'CustomKeyStoreNotFoundException',
  })
  expect(JSON.stringify(record)).not.toContain('kmsuser-password')
})
