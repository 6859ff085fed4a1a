// GenerateDataKey as callers see it.
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { SOME_RECIPIENT, TRUSTS_NOBODY } from '../testing/attestation.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms)
})
afterAll(() => server.close())

const EITHER_OR = refusal(
  'ValidationException',
  'Please specify either number of bytes or key spec.',
)

function generate(input: Partial<GenerateDataKeyCommandInput>) {
  return kms.send(new GenerateDataKeyCommand({ KeyId: key.id, ...input }))
}

async function told(input: Partial<GenerateDataKeyCommandInput>): Promise<string> {
  return (await refusalOf(generate(input))).name
}

it.each([
  [{ KeySpec: 'AES_128' }, 16],
  [{ KeySpec: 'AES_256' }, 32],
  [{ NumberOfBytes: 1 }, 1],
  [{ NumberOfBytes: 1024 }, 1024],
] as const)(
  'GenerateDataKey for %o makes a key of %i bytes that Decrypt gives again',
  async (size, bytes) => {
    const EncryptionContext = { purpose: 'test' }
    const made = await generate({ ...size, EncryptionContext })
    expect(made.Plaintext?.length).toBe(bytes)
    expect(made.KeyId).toBe(key.arn)
    expect(made.CiphertextForRecipient).toBeUndefined()
    const { CiphertextBlob } = made
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    expect(opened.Plaintext).toEqual(made.Plaintext)
    expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
    const bare = await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob })))
    expect(bare.name).toBe('InvalidCiphertextException')
  },
)

it('GenerateDataKey makes another key each time', async () => {
  const made = await Promise.all(Array.from({ length: 50 }, () => generate({ KeySpec: 'AES_256' })))
  const keys = made.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString('hex'))
  expect(new Set(keys).size).toBe(50)
})

it('GenerateDataKey is told a size in exactly one way', async () => {
  expect(await refusalOf(generate({}))).toEqual(EITHER_OR)
  expect(await refusalOf(generate({ KeySpec: 'AES_256', NumberOfBytes: 32 }))).toEqual(EITHER_OR)
})

it('GenerateDataKey refuses 0 or 1025 bytes and a spec that is none', async () => {
  const at = (value: string, name: string, sentence: string) =>
    invalid(`Value '${value}' at '${name}' failed to satisfy constraint: ${sentence}`)
  expect(await refusalOf(generate({ NumberOfBytes: 0 }))).toEqual(
    at('0', 'numberOfBytes', 'Member must have value greater than or equal to 1'),
  )
  expect(await refusalOf(generate({ NumberOfBytes: 1025 }))).toEqual(
    at('1025', 'numberOfBytes', 'Member must have value less than or equal to 1024'),
  )
  expect(await refusalOf(generate({ KeySpec: 'AES_192' as 'AES_128' }))).toEqual(
    at('AES_192', 'keySpec', 'Member must satisfy enum value set: [AES_128, AES_256]'),
  )
})

it.each(['1.5', '1e400', '"32"', 'true'])(
  'GenerateDataKey refuses %s as a number of bytes',
  async (number) => {
    const body = `{"KeyId":"${key.id}","NumberOfBytes":${number}}`
    const answer = await sendSigned(server, 'GenerateDataKey', body)
    expect([answer.status, answer.body.__type]).toEqual([400, 'SerializationException'])
  },
)

it('GenerateDataKey refuses a grant token and a recipient', async () => {
  expect(await refusalOf(generate({ KeySpec: 'AES_256', GrantTokens: ['t'] }))).toEqual(
    refusal('InvalidGrantTokenException', 'The grant token is not valid.'),
  )
  const Recipient = SOME_RECIPIENT
  expect(await refusalOf(generate({ KeySpec: 'AES_256', Recipient }))).toEqual(TRUSTS_NOBODY)
})

it('GenerateDataKey as a dry run gives no key, and tells what would become of the call', async () => {
  const dry = { KeySpec: 'AES_256', DryRun: true } as const
  expect(await refusalOf(generate(dry))).toEqual(
    refusal(
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    ),
  )
  expect(await told({ ...dry, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...dry, NumberOfBytes: 1 })).toBe('ValidationException')
  expect((await generate({ ...dry, DryRun: false })).Plaintext?.length).toBe(32)
})

it('GenerateDataKey checks validity, then permission, then existence, then state', async () => {
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  const spec = { KeySpec: 'AES_256' } as const
  expect(await told({ ...spec, KeyId: FOREIGN, NumberOfBytes: 0 })).toBe('ValidationException')
  expect(await told({ KeyId: FOREIGN })).toBe('ValidationException')
  expect(await told({ ...spec, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...spec, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...spec, KeyId: disabled.id })).toBe('DisabledException')
})

it('GenerateDataKey refuses a context longer than 8192 characters', async () => {
  const EncryptionContext = { k: 'v'.repeat(8192) }
  expect(await refusalOf(generate({ KeySpec: 'AES_256', EncryptionContext }))).toEqual(
    refusal('ValidationException', 'The encryption context is longer than 8192 characters.'),
  )
})
