// The keys that CreateKey makes by spec and usage, and the pairs of the two that there are none of.
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'

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

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['HMAC_384', 'GENERATE_VERIFY_MAC'],
  ['RSA_4096', 'ENCRYPT_DECRYPT'],
  ['ECC_NIST_P521', 'KEY_AGREEMENT'],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
])('CreateKey makes a key %s for %s to import material into', async (KeySpec, KeyUsage) => {
  for (const MultiRegion of [false, true]) {
    const { KeyMetadata } = await create({ KeySpec, KeyUsage, MultiRegion, Origin: 'EXTERNAL' })
    expect(KeyMetadata).toMatchObject({
      KeySpec,
      KeyUsage,
      MultiRegion,
      Origin: 'EXTERNAL',
      KeyState: 'PendingImport',
      Enabled: false,
    })
    for (const name of ['CurrentKeyMaterialId', 'ExpirationModel', 'ValidTo']) {
      expect(KeyMetadata).not.toHaveProperty(name)
    }
  }
})

const RSA_SIGNING = ['RSASSA_PKCS1_V1_5', 'RSASSA_PSS'].flatMap((scheme) =>
  [256, 384, 512].map((bits) => `${scheme}_SHA_${bits}`),
)

it.each<[KeySpec, KeyUsageType, object]>([
  ['RSA_2048', 'SIGN_VERIFY', { SigningAlgorithms: RSA_SIGNING }],
  [
    'RSA_3072',
    'ENCRYPT_DECRYPT',
    { EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] },
  ],
  ['RSA_4096', 'SIGN_VERIFY', { SigningAlgorithms: RSA_SIGNING }],
  ['ECC_NIST_P256', 'SIGN_VERIFY', { SigningAlgorithms: ['ECDSA_SHA_256'] }],
  ['ECC_NIST_P256', 'KEY_AGREEMENT', { KeyAgreementAlgorithms: ['ECDH'] }],
  ['ECC_NIST_P384', 'SIGN_VERIFY', { SigningAlgorithms: ['ECDSA_SHA_384'] }],
  ['ECC_NIST_P384', 'KEY_AGREEMENT', { KeyAgreementAlgorithms: ['ECDH'] }],
  ['ECC_NIST_P521', 'SIGN_VERIFY', { SigningAlgorithms: ['ECDSA_SHA_512'] }],
  ['ECC_NIST_P521', 'KEY_AGREEMENT', { KeyAgreementAlgorithms: ['ECDH'] }],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY', { SigningAlgorithms: ['ECDSA_SHA_256'] }],
  [
    'ECC_NIST_EDWARDS25519',
    'SIGN_VERIFY',
    { SigningAlgorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'] },
  ],
  ['HMAC_224', 'GENERATE_VERIFY_MAC', { MacAlgorithms: ['HMAC_SHA_224'] }],
  ['HMAC_256', 'GENERATE_VERIFY_MAC', { MacAlgorithms: ['HMAC_SHA_256'] }],
  ['HMAC_384', 'GENERATE_VERIFY_MAC', { MacAlgorithms: ['HMAC_SHA_384'] }],
  ['HMAC_512', 'GENERATE_VERIFY_MAC', { MacAlgorithms: ['HMAC_SHA_512'] }],
  ['ML_DSA_44', 'SIGN_VERIFY', { SigningAlgorithms: ['ML_DSA_SHAKE_256'] }],
  ['ML_DSA_65', 'SIGN_VERIFY', { SigningAlgorithms: ['ML_DSA_SHAKE_256'] }],
  ['ML_DSA_87', 'SIGN_VERIFY', { SigningAlgorithms: ['ML_DSA_SHAKE_256'] }],
  ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE', { EncapsulationAlgorithms: ['ML_KEM'] }],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', { EncapsulationAlgorithms: ['ML_KEM'] }],
  ['ML_KEM_1024', 'ENCAPSULATE_DECAPSULATE', { EncapsulationAlgorithms: ['ML_KEM'] }],
])('CreateKey makes a key %s for %s, with its algorithms', async (spec, usage, algorithms) => {
  const { KeyMetadata } = await create({ KeySpec: spec, KeyUsage: usage })
  expect(KeyMetadata).toEqual({
    AWSAccountId: '111122223333',
    KeyId: KeyMetadata?.KeyId,
    Arn: KeyMetadata?.Arn,
    CreationDate: expect.any(Date),
    Enabled: true,
    Description: '',
    KeyUsage: usage,
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: spec,
    KeySpec: spec,
    ...algorithms,
    MultiRegion: false,
  })
  const described = await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
  expect(described.KeyMetadata).toEqual(KeyMetadata)
})

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['RSA_2048', 'ENCRYPT_DECRYPT'],
  ['ECC_NIST_P256', 'SIGN_VERIFY'],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC'],
  ['ML_DSA_44', 'SIGN_VERIFY'],
  ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
])('CreateKey makes a multi-Region primary key %s', async (spec, usage) => {
  const { KeyMetadata } = await create({ KeySpec: spec, KeyUsage: usage, MultiRegion: true })
  expect(KeyMetadata).toMatchObject({
    KeyId: expect.stringMatching(/^mrk-[0-9a-f]{32}$/),
    Arn: `arn:aws:kms:us-east-1:111122223333:key/${KeyMetadata?.KeyId}`,
    KeyState: 'Enabled',
    MultiRegion: true,
    MultiRegionConfiguration: {
      MultiRegionKeyType: 'PRIMARY',
      PrimaryKey: { Arn: KeyMetadata?.Arn, Region: 'us-east-1' },
      ReplicaKeys: [],
    },
  })
  const described = await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.Arn }))
  expect(described.KeyMetadata).toEqual(KeyMetadata)
})

it('CreateKey takes a spec by its old name', async () => {
  const { KeyMetadata } = await create({
    CustomerMasterKeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
  })
  expect(KeyMetadata?.KeySpec).toBe('ECC_NIST_P256')
})

it.each<KeySpec>(['RSA_2048', 'ECC_NIST_P256', 'HMAC_256', 'ML_DSA_44', 'ML_KEM_512'])(
  'CreateKey refuses %s without a usage',
  async (spec) => {
    expect(await refusalOf(create({ KeySpec: spec }))).toEqual(
      refusal(
        'ValidationException',
        'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
      ),
    )
  },
)

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'GENERATE_VERIFY_MAC'],
  ['RSA_2048', 'KEY_AGREEMENT'],
  ['RSA_4096', 'GENERATE_VERIFY_MAC'],
  ['ECC_NIST_P256', 'ENCRYPT_DECRYPT'],
  ['ECC_SECG_P256K1', 'KEY_AGREEMENT'],
  ['ECC_NIST_EDWARDS25519', 'KEY_AGREEMENT'],
  ['HMAC_512', 'SIGN_VERIFY'],
  ['ML_DSA_65', 'ENCAPSULATE_DECAPSULATE'],
  ['ML_KEM_768', 'ENCRYPT_DECRYPT'],
])('CreateKey refuses a key %s for %s, and makes nothing', async (spec, usage) => {
  const before = await keyCount()
  expect(await refusalOf(create({ KeySpec: spec, KeyUsage: usage }))).toEqual(
    refusal('ValidationException', `KeyUsage ${usage} is not compatible with KeySpec ${spec}`),
  )
  expect(await keyCount()).toBe(before)
})

it('CreateKey refuses two specs, and a usage that the spec has not', async () => {
  const both = { KeySpec: 'SYMMETRIC_DEFAULT', CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' } as const
  expect(await refusalOf(create(both))).toEqual(
    refusal(
      'ValidationException',
      'You cannot specify both KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    ),
  )
  expect(await refusalOf(create({ KeyUsage: 'SIGN_VERIFY' }))).toEqual(
    refusal(
      'ValidationException',
      'KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT',
    ),
  )
})
