// CreateCustomKeyStore as callers see it.
import { CreateCustomKeyStoreCommand, type KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

const create = () =>
  kms.send(
    new CreateCustomKeyStoreCommand({
      CustomKeyStoreName: 'vault',
      CloudHsmClusterId: 'cluster-234567abcdefghijk'.slice(0, 24),
      KeyStorePassword: 'kmsuser-password',
      TrustAnchorCertificate: 'certificate',
    }),
  )

it('CreateCustomKeyStore refuses, and says what to do instead', async () => {
  expect(await refusalOf(create())).toEqual(
    refusal(
      'UnsupportedOperationException',
      'Custom key stores are not supported by this server. Create keys without CustomKeyStoreId: it keeps their material itself.',
    ),
  )
})

it('CreateCustomKeyStore lists every problem of the input, and repeats no password', async () => {
  const body = {
    KeyStorePassword: 'short',
    CustomKeyStoreType: 'SOFT',
    XksProxyConnectivity: 'NONE',
  }
  const answer = await sendSigned(server, 'CreateCustomKeyStore', JSON.stringify(body))
  expect(answer.body.message).toMatch(/^4 validation errors detected: /)
  for (const part of [
    "Value null at 'customKeyStoreName'",
    "Value at 'keyStorePassword'",
    "Value 'SOFT' at 'customKeyStoreType'",
    "Value 'NONE' at 'xksProxyConnectivity'",
  ]) {
    expect(answer.body.message).toContain(part)
  }
  expect(answer.body.message).not.toContain('short')
})

it('CreateCustomKeyStore is recorded with its refusal and without the password', async () => {
  const record = await recordOf(server, create())
  expect(record).toMatchObject({
    eventName: 'CreateCustomKeyStore',
    readOnly: false,
    requestParameters: { customKeyStoreName: 'vault' },
    responseElements: null,
    errorCode: 'UnsupportedOperationException',
  })
  expect(JSON.stringify(record)).not.toContain('kmsuser-password')
})
