// GetCallerIdentity as callers see it, in the Query protocol.
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

function whoAmI(overrides: Parameters<TestServer['sts']>[0] = {}) {
  return server.sts(overrides).send(new GetCallerIdentityCommand())
}

it('GetCallerIdentity names account, ARN and id of the root user', async () => {
  const { $metadata, ...identity } = await whoAmI()
  expect(identity).toEqual({
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:root',
    UserId: '111122223333',
  })
  expect($metadata.httpStatusCode).toBe(200)
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
})

it('GetCallerIdentity tells each caller its own account, in every Region', async () => {
  const credentials = await addOtherAccount(server)
  for (const region of server.regions) {
    expect((await whoAmI({ region, credentials })).Account).toBe(OTHER_ACCOUNT)
    expect((await whoAmI({ region })).Account).toBe('111122223333')
  }
})

it('GetCallerIdentity refuses a wrong secret, an unknown key and a Region it has not', async () => {
  const { accessKeyId, secretAccessKey } = server.credentials
  const told = async (overrides: Parameters<typeof whoAmI>[0]) => {
    const { name, status } = await refusalOf(whoAmI(overrides))
    return [name, status]
  }
  expect(
    await told({ credentials: { accessKeyId, secretAccessKey: `${secretAccessKey}x` } }),
  ).toEqual(['SignatureDoesNotMatch', 403])
  expect(
    await told({ credentials: { accessKeyId: 'AKIANOBODYKNOWSTHIS1', secretAccessKey } }),
  ).toEqual(['InvalidClientTokenId', 403])
  expect(await told({ region: 'mars-north-1' })).toEqual(['SignatureDoesNotMatch', 403])
})
