// Keys that are enabled and disabled: as often as they are told to, and by many at once.
// https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function encrypt({ id }: StoredKey) {
  return kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }))
}

async function stateOf({ id }: StoredKey) {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }))
  return { state: KeyMetadata?.KeyState, enabled: KeyMetadata?.Enabled }
}

it('A key goes from enabled to disabled and back as often as it is told to', async () => {
  const key = await newKey(kms)
  for (let round = 0; round < 3; round++) {
    await kms.send(new DisableKeyCommand({ KeyId: key.id }))
    await kms.send(new DisableKeyCommand({ KeyId: key.arn }))
    expect(await stateOf(key)).toEqual({ state: 'Disabled', enabled: false })
    expect((await refusalOf(encrypt(key))).name).toBe('DisabledException')
    await kms.send(new EnableKeyCommand({ KeyId: key.arn }))
    await kms.send(new EnableKeyCommand({ KeyId: key.id }))
    expect(await stateOf(key)).toEqual({ state: 'Enabled', enabled: true })
    await encrypt(key)
  }
})

it('Many changes of one key at once all succeed, and one of them is the last', async () => {
  const key = await newKey(kms)
  const commands = Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0
      ? kms.send(new DisableKeyCommand({ KeyId: key.id }))
      : kms.send(new EnableKeyCommand({ KeyId: key.id })),
  )
  await Promise.all(commands)
  expect(['Enabled', 'Disabled']).toContain((await stateOf(key)).state)
})

it('A disabled key and one that is pending deletion are still listed', async () => {
  const disabled = await newKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: disabled.id }))
  const pending = await newKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: pending.id }))
  expect(await stateOf(pending)).toEqual({ state: 'PendingDeletion', enabled: false })
  const { Keys } = await kms.send(new ListKeysCommand({ Limit: 1000 }))
  const listed = Keys?.map(({ KeyArn }) => KeyArn)
  expect(listed).toEqual(expect.arrayContaining([disabled.arn, pending.arn]))
})
