// DescribeKey as callers see it. References and states: keys/key-reference.test.ts, keys/key-state.test.ts.
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { alterKey, NO_KEY_ID, newKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

it('DescribeKey tells what CreateKey told', async () => {
  const { KeyMetadata: created } = await kms.send(new CreateKeyCommand({ Description: 'né à “x”' }))
  const described = await kms.send(new DescribeKeyCommand({ KeyId: created?.KeyId }))
  expect(described.KeyMetadata).toEqual(created)
})

it('DescribeKey tells the state of a key as it is now', async () => {
  const key = await newKey(kms)
  const described = async () =>
    (await kms.send(new DescribeKeyCommand({ KeyId: key.id }))).KeyMetadata
  await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect(await described()).toMatchObject({ KeyState: 'Disabled', Enabled: false })
  await alterKey(server, key, { state: 'PendingDeletion' })
  expect(await described()).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false })
})

it('DescribeKey wants a KeyId, and checks it before permission and existence', async () => {
  expect((await sendSigned(server, 'DescribeKey', '{}')).body.message).toBe(
    "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
  )
  const told = async (KeyId: string, GrantTokens: string[]) =>
    refusalOf(kms.send(new DescribeKeyCommand({ KeyId, GrantTokens })))
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
  expect(await told(foreign, [''])).toEqual(
    invalid(
      "Value '[]' at 'grantTokens' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]",
    ),
  )
  expect((await told(foreign, [])).name).toBe('AccessDeniedException')
  expect((await told(NO_KEY_ID, [])).name).toBe('NotFoundException')
})
