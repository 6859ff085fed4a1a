// VerifyMac as callers see it: what GenerateMac made, and what is none.
import {
  GenerateMacCommand,
  type KeySpec,
  type KMSClient,
  type MacAlgorithmSpec,
  VerifyMacCommand,
  type VerifyMacCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

const Message = Buffer.from('a statement')

let server: TestServer
let kms: KMSClient
let key: StoredKey
let mac: Buffer
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC')
  mac = await generate(key, 'HMAC_SHA_256')
})
afterAll(() => server.close())

async function generate({ id }: StoredKey, MacAlgorithm: MacAlgorithmSpec): Promise<Buffer> {
  const { Mac } = await kms.send(new GenerateMacCommand({ KeyId: id, Message, MacAlgorithm }))
  return Buffer.from(Mac ?? [])
}

function verify(input: Partial<VerifyMacCommandInput> = {}) {
  const whole = { KeyId: key.id, Message, Mac: mac, MacAlgorithm: 'HMAC_SHA_256', ...input }
  return kms.send(new VerifyMacCommand(whole as VerifyMacCommandInput))
}

async function told(input: Partial<VerifyMacCommandInput>): Promise<string> {
  return (await refusalOf(verify(input))).name
}

it.each<[KeySpec, MacAlgorithmSpec]>([
  ['HMAC_224', 'HMAC_SHA_224'],
  ['HMAC_256', 'HMAC_SHA_256'],
  ['HMAC_384', 'HMAC_SHA_384'],
  ['HMAC_512', 'HMAC_SHA_512'],
])('VerifyMac with %s by %s takes what GenerateMac made', async (spec, MacAlgorithm) => {
  const other = await newKeyOf(kms, spec, 'GENERATE_VERIFY_MAC')
  const Mac = await generate(other, MacAlgorithm)
  const { $metadata, ...answer } = await verify({ KeyId: other.id, MacAlgorithm, Mac })
  expect(answer).toEqual({ KeyId: other.arn, MacValid: true, MacAlgorithm })
})

it('VerifyMac of a wrong MAC is an error, and never says that it is not valid', async () => {
  const other = await newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC')
  const flipped = Buffer.from(mac)
  flipped[0] = (flipped[0] as number) ^ 1
  for (const input of [
    { Mac: flipped },
    { Mac: mac.subarray(1) },
    { Mac: Buffer.concat([mac, mac]) },
    { Mac: Buffer.of(0) },
    { Mac: Buffer.alloc(6144) },
    { Message: Buffer.from('another') },
    { KeyId: other.id },
  ]) {
    const refused = await refusalOf(verify(input))
    expect([refused.name, refused.status]).toEqual(['KMSInvalidMacException', 400])
  }
})

it('VerifyMac refuses MACs beyond the limits', async () => {
  for (const [length, sentence] of [
    [0, 'greater than or equal to 1'],
    [6145, 'less than or equal to 6144'],
  ] as const) {
    const { message } = await refusalOf(verify({ Mac: Buffer.alloc(length) }))
    expect(message).toContain("at 'mac' failed to satisfy constraint")
    expect(message).toContain(`Member must have length ${sentence}`)
  }
})

it('VerifyMac refuses algorithms and usages that are not the key’s', async () => {
  expect(await refusalOf(verify({ MacAlgorithm: 'HMAC_SHA_384' }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      'Algorithm HMAC_SHA_384 is incompatible with key spec HMAC_256.',
    ),
  )
  const symmetric = await newKeyOf(kms, 'SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')
  expect(await refusalOf(verify({ KeyId: symmetric.id }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `${symmetric.arn} key usage is ENCRYPT_DECRYPT which is not valid for VerifyMac.`,
    ),
  )
})

it('VerifyMac as a dry run tells what would become of the call', async () => {
  expect(await told({ DryRun: true })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, Mac: Buffer.of(1) })).toBe('KMSInvalidMacException')
})

it('VerifyMac checks permission, then existence, tokens, state, usage and MAC', async () => {
  const disabled = await newKeyOf(kms, 'RSA_2048')
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { MacAlgorithm: 'HMAC_SHA_512', Mac: Buffer.of(1) } as const
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('KMSInvalidStateException')
  expect(await told(wrong)).toBe('InvalidKeyUsageException')
  expect(await told({ Mac: Buffer.of(1) })).toBe('KMSInvalidMacException')
})

it('VerifyMac is recorded without message and MAC', async () => {
  const record = await recordOf(server, verify())
  expect(record).toMatchObject({
    eventName: 'VerifyMac',
    readOnly: true,
    requestParameters: { keyId: key.id, macAlgorithm: 'HMAC_SHA_256' },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  expect(JSON.stringify(record)).not.toContain(mac.toString('base64'))
})
