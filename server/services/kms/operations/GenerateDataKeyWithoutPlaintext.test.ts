// GenerateDataKeyWithoutPlaintext as callers see it.
import {
  DecryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type GenerateDataKeyWithoutPlaintextCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
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

function generate(input: Partial<GenerateDataKeyWithoutPlaintextCommandInput>) {
  return kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.id, ...input }))
}

async function told(input: Partial<GenerateDataKeyWithoutPlaintextCommandInput>): Promise<string> {
  return (await refusalOf(generate(input))).name
}

it.each([
  [{ KeySpec: 'AES_128' }, 16],
  [{ KeySpec: 'AES_256' }, 32],
  [{ NumberOfBytes: 1 }, 1],
  [{ NumberOfBytes: 1024 }, 1024],
] as const)('GenerateDataKeyWithoutPlaintext for %o seals %i bytes', async (size, bytes) => {
  const EncryptionContext = { purpose: 'test' }
  const { $metadata, ...made } = await generate({ ...size, EncryptionContext })
  expect(Object.keys(made).sort()).toEqual(['CiphertextBlob', 'KeyId', 'KeyMaterialId'])
  expect(made.KeyId).toBe(key.arn)
  const { CiphertextBlob } = made
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  expect(opened.Plaintext?.length).toBe(bytes)
  expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
  expect((await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob })))).name).toBe(
    'InvalidCiphertextException',
  )
})

it('GenerateDataKeyWithoutPlaintext makes random keys, each another', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => generate({ NumberOfBytes: 32 })))
  const keys = await Promise.all(
    made.map(({ CiphertextBlob }) => kms.send(new DecryptCommand({ CiphertextBlob }))),
  )
  const texts = keys.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString('hex'))
  expect(new Set(texts).size).toBe(20)
  expect(texts).not.toContain('00'.repeat(32))
})

it('GenerateDataKeyWithoutPlaintext is told a size in exactly one way', async () => {
  const eitherOr = refusal(
    'ValidationException',
    'Please specify either number of bytes or key spec.',
  )
  expect(await refusalOf(generate({}))).toEqual(eitherOr)
  expect(await refusalOf(generate({ KeySpec: 'AES_256', NumberOfBytes: 32 }))).toEqual(eitherOr)
})

it('GenerateDataKeyWithoutPlaintext refuses 0 or 1025 bytes and a spec that is none', async () => {
  const at = (value: string, name: string, sentence: string) =>
    invalid(`Value '${value}' at '${name}' failed to satisfy constraint: ${sentence}`)
  expect(await refusalOf(generate({ NumberOfBytes: 0 }))).toEqual(
    at('0', 'numberOfBytes', 'Member must have value greater than or equal to 1'),
  )
  expect(await refusalOf(generate({ NumberOfBytes: 1025 }))).toEqual(
    at('1025', 'numberOfBytes', 'Member must have value less than or equal to 1024'),
  )
  expect(await refusalOf(generate({ KeySpec: 'AES_512' as 'AES_128' }))).toEqual(
    at('AES_512', 'keySpec', 'Member must satisfy enum value set: [AES_128, AES_256]'),
  )
})

it('GenerateDataKeyWithoutPlaintext refuses a grant token and a context that is too long', async () => {
  expect(await refusalOf(generate({ KeySpec: 'AES_256', GrantTokens: ['t'] }))).toEqual(
    refusal('InvalidGrantTokenException', 'The grant token is not valid.'),
  )
  const EncryptionContext = { k: 'v'.repeat(8192) }
  expect(await refusalOf(generate({ KeySpec: 'AES_256', EncryptionContext }))).toEqual(
    refusal('ValidationException', 'The encryption context is longer than 8192 characters.'),
  )
})

it('GenerateDataKeyWithoutPlaintext as a dry run tells what would become of the call', async () => {
  const dry = { KeySpec: 'AES_256', DryRun: true } as const
  expect(await told(dry)).toBe('DryRunOperationException')
  expect(await told({ ...dry, KeyId: NO_KEY_ID })).toBe('NotFoundException')
})

it('GenerateDataKeyWithoutPlaintext checks validity, permission, existence, then state', async () => {
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  const pending = await newKey(kms)
  await alterKey(server, pending, { state: 'PendingDeletion' })
  const spec = { KeySpec: 'AES_256' } as const
  expect((await sendSigned(server, 'GenerateDataKeyWithoutPlaintext', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told({ ...spec, KeyId: FOREIGN, NumberOfBytes: 0 })).toBe('ValidationException')
  expect(await told({ ...spec, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...spec, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...spec, KeyId: disabled.id })).toBe('DisabledException')
  expect(await told({ ...spec, KeyId: pending.id })).toBe('KMSInvalidStateException')
})

it('The record of GenerateDataKeyWithoutPlaintext shows the request, the key and no answer', async () => {
  const EncryptionContext = { purpose: 'test' }
  const call = generate({ KeySpec: 'AES_256', EncryptionContext })
  expect(await recordOf(server, call)).toMatchObject({
    eventName: 'GenerateDataKeyWithoutPlaintext',
    readOnly: true,
    requestParameters: { keyId: key.id, keySpec: 'AES_256', encryptionContext: EncryptionContext },
    responseElements: null,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
