// GenerateMac as callers see it.
import {
  CreateAliasCommand,
  GenerateMacCommand,
  type GenerateMacCommandInput,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  type MacAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

const Message = Buffer.from('a statement')

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC')
})
afterAll(() => server.close())

function generate(input: Partial<GenerateMacCommandInput> = {}) {
  const whole = { KeyId: key.id, Message, MacAlgorithm: 'HMAC_SHA_256', ...input } as const
  return kms.send(new GenerateMacCommand(whole))
}

async function told(input: Partial<GenerateMacCommandInput>): Promise<string> {
  return (await refusalOf(generate(input))).name
}

it.each<[KeySpec, MacAlgorithmSpec, number]>([
  ['HMAC_224', 'HMAC_SHA_224', 28],
  ['HMAC_256', 'HMAC_SHA_256', 32],
  ['HMAC_384', 'HMAC_SHA_384', 48],
  ['HMAC_512', 'HMAC_SHA_512', 64],
])('GenerateMac with %s by %s gives %d bytes', async (spec, MacAlgorithm, bytes) => {
  const { id: KeyId, arn } = await newKeyOf(kms, spec, 'GENERATE_VERIFY_MAC')
  const { $metadata, ...answer } = await generate({ KeyId, MacAlgorithm })
  expect(answer).toEqual({ KeyId: arn, MacAlgorithm, Mac: expect.any(Uint8Array) })
  expect(answer.Mac).toHaveLength(bytes)
})

it('GenerateMac is the same for the same message and key, and for no others', async () => {
  const macOf = async (input: Partial<GenerateMacCommandInput> = {}) =>
    Buffer.from((await generate(input)).Mac ?? []).toString('hex')
  const other = await newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC')
  const mac = await macOf()
  expect(await macOf()).toBe(mac)
  expect(await macOf({ Message: Buffer.from('another') })).not.toBe(mac)
  expect(await macOf({ KeyId: other.id })).not.toBe(mac)
})

it('GenerateMac takes ARNs and aliases, and messages of 1 to 4096 bytes', async () => {
  const AliasName = 'alias/tokens'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  for (const KeyId of [key.arn, AliasName]) expect((await generate({ KeyId })).KeyId).toBe(key.arn)
  for (const length of [1, 4096]) await generate({ Message: Buffer.alloc(length) })
  for (const [length, sentence] of [
    [0, 'greater than or equal to 1'],
    [4097, 'less than or equal to 4096'],
  ] as const) {
    expect(await refusalOf(generate({ Message: Buffer.alloc(length) }))).toEqual(
      invalid(
        `Value at 'message' failed to satisfy constraint: Member must have length ${sentence}`,
      ),
    )
  }
})

it('GenerateMac takes the algorithm of the key and no other', async () => {
  for (const MacAlgorithm of ['HMAC_SHA_224', 'HMAC_SHA_384', 'HMAC_SHA_512'] as const) {
    expect(await refusalOf(generate({ MacAlgorithm }))).toEqual(
      refusal(
        'InvalidKeyUsageException',
        `Algorithm ${MacAlgorithm} is incompatible with key spec HMAC_256.`,
      ),
    )
  }
  const { message } = await refusalOf(generate({ MacAlgorithm: 'HMAC_MD5' as 'HMAC_SHA_256' }))
  expect(message).toContain("Value 'HMAC_MD5' at 'macAlgorithm' failed to satisfy constraint")
})

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['RSA_2048', 'SIGN_VERIFY'],
])('GenerateMac refuses a key %s that is for %s', async (spec, usage) => {
  const other = await newKeyOf(kms, spec, usage)
  expect(await refusalOf(generate({ KeyId: other.id }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `${other.arn} key usage is ${usage} which is not valid for GenerateMac.`,
    ),
  )
})

it('GenerateMac as a dry run gives no MAC, and tells what would become of the call', async () => {
  expect(await told({ DryRun: true })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, KeyId: NO_KEY_ID })).toBe('NotFoundException')
})

it('GenerateMac checks permission, then existence, tokens, state and usage', async () => {
  const disabled = await newKeyOf(kms, 'RSA_2048')
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { MacAlgorithm: 'HMAC_SHA_512' } as const
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('KMSInvalidStateException')
  expect(await told(wrong)).toBe('InvalidKeyUsageException')
})

it('GenerateMac is recorded without message and MAC', async () => {
  const answer = generate()
  const record = await recordOf(server, answer)
  expect(record).toMatchObject({
    eventName: 'GenerateMac',
    readOnly: true,
    requestParameters: { keyId: key.id, macAlgorithm: 'HMAC_SHA_256' },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  const text = JSON.stringify(record)
  expect(text).not.toContain(Buffer.from((await answer).Mac ?? []).toString('base64'))
  expect(text).not.toContain(Message.toString('base64'))
})
