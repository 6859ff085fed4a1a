// What each operation does with a key in each state.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import {
  alterKey,
  newKey,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'

type Use = (key: StoredKey, blob: Uint8Array) => Promise<unknown>

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

const uses: Record<string, Use> = {
  Encrypt: ({ id }) => kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') })),
  Decrypt: (_key, blob) => kms.send(new DecryptCommand({ CiphertextBlob: blob })),
  'Decrypt with KeyId': ({ id }, blob) =>
    kms.send(new DecryptCommand({ KeyId: id, CiphertextBlob: blob })),
  GenerateDataKey: ({ id }) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' })),
  DescribeKey: ({ id }) => kms.send(new DescribeKeyCommand({ KeyId: id })),
  EnableKey: ({ id }) => kms.send(new EnableKeyCommand({ KeyId: id })),
  DisableKey: ({ id }) => kms.send(new DisableKeyCommand({ KeyId: id })),
}
const cryptographic = ['Encrypt', 'Decrypt', 'Decrypt with KeyId', 'GenerateDataKey']

async function keyInState(state: string): Promise<{ key: StoredKey; blob: Uint8Array }> {
  const key = await newKey(kms)
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('x') }),
  )
  if (state === 'Disabled') await kms.send(new DisableKeyCommand({ KeyId: key.id }))
  else if (state !== 'Enabled') await alterKey(server, key, { state })
  return { key, blob: CiphertextBlob as Uint8Array }
}

async function stateOf({ id }: StoredKey) {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }))
  return { state: KeyMetadata?.KeyState, enabled: KeyMetadata?.Enabled }
}

describe.each(Object.keys(uses))('%s', (name) => {
  const use = uses[name] as Use

  it('is done with an enabled key', async () => {
    const { key, blob } = await keyInState('Enabled')
    await expect(use(key, blob)).resolves.toBeDefined()
  })

  it(`is ${cryptographic.includes(name) ? 'refused' : 'done'} with a disabled key`, async () => {
    const { key, blob } = await keyInState('Disabled')
    if (!cryptographic.includes(name)) {
      await expect(use(key, blob)).resolves.toBeDefined()
      return
    }
    const expected = refusal('DisabledException', `${key.arn} is disabled.`)
    expect(await refusalOf(use(key, blob))).toEqual(expected)
  })

  it(`is ${name === 'DescribeKey' ? 'done' : 'refused'} with a key pending deletion`, async () => {
    const { key, blob } = await keyInState('PendingDeletion')
    if (name !== 'DescribeKey') {
      const expected = refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`)
      expect(await refusalOf(use(key, blob))).toEqual(expected)
    }
    expect(await stateOf(key)).toEqual({ state: 'PendingDeletion', enabled: false })
  })

  it(`is ${name === 'DescribeKey' ? 'done' : 'refused'} with a key pending import`, async () => {
    const { key, blob } = await keyInState('PendingImport')
    if (name !== 'DescribeKey') {
      const expected = refusal('KMSInvalidStateException', `${key.arn} is pending import.`)
      expect(await refusalOf(use(key, blob))).toEqual(expected)
    }
    expect(await stateOf(key)).toEqual({ state: 'PendingImport', enabled: false })
  })

  it('is denied before the state of the key is told', async () => {
    const { key, blob } = await keyInState('Disabled')
    await alterKey(server, key, { policy: POLICY_WITHOUT_DELEGATION })
    const told = await refusalOf(use(key, blob))
    expect(told.name).toBe('AccessDeniedException')
    expect(told.message).not.toContain('disabled')
  })
})

it('A key goes from enabled to disabled and back as often as it is told to', async () => {
  const { key, blob } = await keyInState('Enabled')
  for (let round = 0; round < 3; round++) {
    await kms.send(new DisableKeyCommand({ KeyId: key.id }))
    await kms.send(new DisableKeyCommand({ KeyId: key.arn }))
    expect(await stateOf(key)).toEqual({ state: 'Disabled', enabled: false })
    expect((await refusalOf(uses.Decrypt?.(key, blob) as Promise<unknown>)).name).toBe(
      'DisabledException',
    )
    await kms.send(new EnableKeyCommand({ KeyId: key.arn }))
    await kms.send(new EnableKeyCommand({ KeyId: key.id }))
    expect(await stateOf(key)).toEqual({ state: 'Enabled', enabled: true })
    await uses.Decrypt?.(key, blob)
  }
})

it('Many changes of one key at once all succeed, and one of them is the last', async () => {
  const { key } = await keyInState('Enabled')
  const commands = Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0
      ? kms.send(new DisableKeyCommand({ KeyId: key.id }))
      : kms.send(new EnableKeyCommand({ KeyId: key.id })),
  )
  await Promise.all(commands)
  expect(['Enabled', 'Disabled']).toContain((await stateOf(key)).state)
})

it('A disabled key and one that is pending deletion are still listed', async () => {
  const disabled = await keyInState('Disabled')
  const pending = await keyInState('PendingDeletion')
  const { Keys } = await kms.send(new ListKeysCommand({ Limit: 1000 }))
  const listed = Keys?.map(({ KeyArn }) => KeyArn)
  expect(listed).toEqual(expect.arrayContaining([disabled.key.arn, pending.key.arn]))
})
