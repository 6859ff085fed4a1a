// CreateKey as callers see it: what it makes, and what this release refuses rather than ignores. Its specs:
// key-specs.test.ts.
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListKeysCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Call } from '../../../contract/call.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { KmsStores } from '../operation.ts'
import { CreateKey } from './CreateKey.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function create(input: CreateKeyCommandInput = {}) {
  return kms.send(new CreateKeyCommand(input))
}

async function keyCount(): Promise<number> {
  const { Keys } = await kms.send(new ListKeysCommand({ Limit: 1000 }))
  return Keys?.length ?? 0
}

it('CreateKey makes an enabled symmetric key and tells all about it', async () => {
  const beforeMs = Date.now()
  const { KeyMetadata } = await create({ Description: 'payroll' })
  const id = KeyMetadata?.KeyId ?? ''
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(KeyMetadata).toEqual({
    AWSAccountId: '111122223333',
    KeyId: id,
    Arn: `arn:aws:kms:us-east-1:111122223333:key/${id}`,
    CreationDate: expect.any(Date),
    Enabled: true,
    Description: 'payroll',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  const createdAtMs = KeyMetadata?.CreationDate?.getTime() ?? 0
  expect(Math.abs(createdAtMs - beforeMs)).toBeLessThan(5000)
})

it('CreateKey without a description makes a key with an empty one', async () => {
  expect((await create()).KeyMetadata?.Description).toBe('')
})

it.each<CreateKeyCommandInput>([
  { KeySpec: 'SYMMETRIC_DEFAULT' },
  { CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' },
  { KeyUsage: 'ENCRYPT_DECRYPT', Origin: 'AWS_KMS', MultiRegion: false, Tags: [] },
  { Description: 'd'.repeat(8192) },
])('CreateKey takes what it does anyway: %o', async (input) => {
  const { KeyMetadata } = await create(input)
  await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }))
})

it.each<[CreateKeyCommandInput, string]>([
  [{ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }, 'KeySpec SM2'],
  [{ CustomerMasterKeySpec: 'SM2' }, 'KeySpec SM2'],
  [{ Origin: 'EXTERNAL', CustomKeyStoreId: 'cks-1' }, 'CustomKeyStoreId'],
  [{ Origin: 'EXTERNAL_KEY_STORE' }, 'Origin EXTERNAL_KEY_STORE'],
  [{ Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: 'cks-1' }, 'Origin AWS_CLOUDHSM'],
  [{ CustomKeyStoreId: 'cks-1' }, 'CustomKeyStoreId'],
  [{ XksKeyId: 'xks-1' }, 'XksKeyId'],
])('CreateKey refuses %o rather than ignoring it, and makes nothing', async (input, what) => {
  const before = await keyCount()
  expect(await refusalOf(create(input))).toEqual(
    refusal('UnsupportedOperationException', `${what} is not supported by this server.`),
  )
  expect(await keyCount()).toBe(before)
})

it.each<[CreateKeyCommandInput, string, string]>([
  [{ Description: 'd'.repeat(8193) }, 'description', 'length less than or equal to 8192'],
  [{ Policy: '' }, 'policy', 'length greater than or equal to 1'],
  [{ Policy: 'p'.repeat(131_073) }, 'policy', 'length less than or equal to 131072'],
  [{ CustomKeyStoreId: 'c'.repeat(65) }, 'customKeyStoreId', 'length less than or equal to 64'],
  [{ XksKeyId: 'x'.repeat(129) }, 'xksKeyId', 'length less than or equal to 128'],
])('CreateKey refuses a value beyond the limits (%#)', async (input, member, sentence) => {
  const [value] = Object.values(input)
  expect(await refusalOf(create(input))).toEqual(
    invalid(
      `Value '${value}' at '${member}' failed to satisfy constraint: Member must have ${sentence}`,
    ),
  )
})

it('CreateKey refuses words that no enumeration has', async () => {
  const { name, message } = await refusalOf(
    create({ KeySpec: 'DES' as 'RSA_2048', Origin: 'MARS' as 'AWS_KMS' }),
  )
  expect(name).toBe('ValidationException')
  expect(message).toMatch(/^2 validation errors detected: Value 'DES' at 'keySpec' failed/)
  expect(message).toContain("Value 'MARS' at 'origin' failed to satisfy constraint")
})

it('CreateKey makes keys of the caller’s own account and Region', async () => {
  const credentials = await addOtherAccount(server)
  const made = [
    [
      await server.kms({ region: 'eu-west-1' }).send(new CreateKeyCommand()),
      'eu-west-1:111122223333',
    ],
    [await server.kms({ credentials }).send(new CreateKeyCommand()), `us-east-1:${OTHER_ACCOUNT}`],
  ] as const
  for (const [{ KeyMetadata }, place] of made) {
    expect(KeyMetadata?.Arn).toBe(`arn:aws:kms:${place}:key/${KeyMetadata?.KeyId}`)
    const call = kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
    expect((await refusalOf(call)).name).toBe('NotFoundException')
  }
})

it('CreateKey makes as many different keys as it is asked for at once', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => create()))
  const ids = made.map(({ KeyMetadata }) => KeyMetadata?.KeyId)
  const materials = made.map(({ KeyMetadata }) => KeyMetadata?.CurrentKeyMaterialId)
  expect([new Set(ids).size, new Set(materials).size]).toEqual([20, 20])
})

it('CreateKey gives the key up to 50 tags', async () => {
  const Tags = Array.from({ length: 50 }, (_, index) => ({ TagKey: `k${index}`, TagValue: 'v' }))
  const { KeyMetadata } = await create({ Tags })
  const listed = await kms.send(new ListResourceTagsCommand({ KeyId: KeyMetadata?.KeyId }))
  const tagKeys = listed.Tags?.map(({ TagKey }) => TagKey).sort()
  expect(tagKeys).toEqual(Tags.map(({ TagKey }) => TagKey).sort())
})

it.each<[string, NonNullable<CreateKeyCommandInput['Tags']>]>([
  ['Too many tags', Array.from({ length: 51 }, (_, i) => ({ TagKey: `k${i}`, TagValue: '' }))],
  ['Duplicate tag keys', Array(2).fill({ TagKey: 'k', TagValue: 'v' })],
  ['Tags beginning with aws: are reserved', [{ TagKey: 'aws:k', TagValue: 'v' }]],
  ['Invalid tag', [{ TagKey: 'k', TagValue: 'My & My Team' }]],
])('CreateKey refuses tags and makes nothing: %s', async (message, Tags) => {
  const before = await keyCount()
  expect(await refusalOf(create({ Tags }))).toEqual(refusal('TagException', message))
  expect(await keyCount()).toBe(before)
})

it('CreateKey tells which of the tags is beyond the limits', async () => {
  expect(await refusalOf(create({ Tags: [{ TagKey: '', TagValue: 'v' }] }))).toEqual(
    invalid(
      "Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  )
})

it('CreateKey with tags also demands that keys may be tagged', async () => {
  const call = { account: '111122223333', region: 'us-east-1' } as Call<KmsStores>
  const demanded = async (input: CreateKeyCommandInput) => {
    const demands = await Promise.all(CreateKey.demands('account', input, call))
    return demands.map(({ action, resource }) => [action, resource])
  }
  expect(await demanded({})).toEqual([['kms:CreateKey', '*']])
  expect(await demanded({ Tags: [] })).toEqual([['kms:CreateKey', '*']])
  expect(await demanded({ Tags: [{ TagKey: 'k', TagValue: 'v' }] })).toEqual([
    ['kms:CreateKey', '*'],
    ['kms:TagResource', 'arn:aws:kms:us-east-1:111122223333:key/*'],
  ])
})
