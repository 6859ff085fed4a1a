// GetPublicKey as callers see it: a key that openssl and node read, and what there is to know of it.
import { createPublicKey } from 'node:crypto'
import {
  CreateAliasCommand,
  GetPublicKeyCommand,
  type GetPublicKeyCommandInput,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import {
  alterKey,
  FOREIGN,
  NO_KEY_ID,
  newKey,
  newKeyOf,
  type StoredKey,
} from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'ECC_NIST_P256')
})
afterAll(() => server.close())

function get(input: Partial<GetPublicKeyCommandInput> = {}) {
  return kms.send(new GetPublicKeyCommand({ KeyId: key.id, ...input }))
}

it.each<[KeySpec, KeyUsageType, string, object]>([
  ['RSA_2048', 'ENCRYPT_DECRYPT', 'rsa', { modulusLength: 2048 }],
  ['ECC_NIST_P256', 'SIGN_VERIFY', 'ec', { namedCurve: 'prime256v1' }],
  ['ECC_NIST_P384', 'KEY_AGREEMENT', 'ec', { namedCurve: 'secp384r1' }],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY', 'ec', { namedCurve: 'secp256k1' }],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', 'ed25519', {}],
  ['ML_DSA_65', 'SIGN_VERIFY', 'ml-dsa-65', {}],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', 'ml-kem-768', {}],
])('GetPublicKey gives the key of %s for %s', async (spec, usage, type, details) => {
  const made = await newKeyOf(kms, spec, usage)
  const { PublicKey, $metadata, ...told } = await get({ KeyId: made.id })
  const read = createPublicKey({
    key: Buffer.from(PublicKey ?? []),
    format: 'der',
    type: 'spki',
  })
  expect(read.asymmetricKeyType).toBe(type)
  expect(read.asymmetricKeyDetails).toMatchObject(details)
  expect(told).toMatchObject({
    KeyId: made.arn,
    KeySpec: spec,
    CustomerMasterKeySpec: spec,
    KeyUsage: usage,
  })
})

it('GetPublicKey tells the algorithms of the usage, and the same key each time', async () => {
  const { $metadata, ...first } = await get()
  expect(first).toEqual({
    KeyId: key.arn,
    PublicKey: expect.any(Uint8Array),
    CustomerMasterKeySpec: 'ECC_NIST_P256',
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
    SigningAlgorithms: ['ECDSA_SHA_256'],
  })
  expect((await get()).PublicKey).toEqual(first.PublicKey)
  const other = await newKeyOf(kms, 'ECC_NIST_P256')
  expect((await get({ KeyId: other.id })).PublicKey).not.toEqual(first.PublicKey)
})

it('GetPublicKey takes ARNs and aliases', async () => {
  const AliasName = 'alias/signing'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  for (const KeyId of [key.arn, AliasName, key.arn.replace(`key/${key.id}`, AliasName)]) {
    expect((await get({ KeyId })).KeyId).toBe(key.arn)
  }
})

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC'],
])('GetPublicKey refuses a key %s, which has no public half', async (spec, usage) => {
  const secret = await newKeyOf(kms, spec, usage)
  expect(await refusalOf(get({ KeyId: secret.id }))).toEqual(
    refusal(
      'UnsupportedOperationException',
      `${secret.arn} key spec is ${spec} which is not valid for GetPublicKey.`,
    ),
  )
})

it('GetPublicKey refuses a key that is disabled or pending deletion', async () => {
  const other = await newKeyOf(kms, 'ECC_NIST_P256')
  await alterKey(server, other, { state: 'Disabled' })
  expect(await refusalOf(get({ KeyId: other.id }))).toEqual(
    refusal('DisabledException', `${other.arn} is disabled.`),
  )
  await alterKey(server, other, { state: 'PendingDeletion' })
  expect(await refusalOf(get({ KeyId: other.id }))).toEqual(
    refusal('KMSInvalidStateException', `${other.arn} is pending deletion.`),
  )
})

it('GetPublicKey checks validity, then permission, then existence, then state, then kind', async () => {
  const told = async (input: Partial<GetPublicKeyCommandInput>) =>
    (await refusalOf(get(input))).name
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  expect(await told({ KeyId: '' })).toBe('ValidationException')
  expect(await told({ KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ KeyId: 'arn:aws:kms' })).toBe('InvalidArnException')
  expect(await told({ GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ KeyId: disabled.id })).toBe('DisabledException')
})

it('GetPublicKey refuses references and tokens beyond the limits', async () => {
  expect(await refusalOf(get({ KeyId: 'k'.repeat(2049) }))).toEqual(
    invalid(
      `Value '${'k'.repeat(2049)}' at 'keyId' failed to satisfy constraint: Member must have length less than or equal to 2048`,
    ),
  )
  const tooMany = await refusalOf(get({ GrantTokens: Array(11).fill('t') }))
  expect(tooMany.message).toContain('Member must have length less than or equal to 10')
})

it('GetPublicKey is recorded without the key', async () => {
  expect(await recordOf(server, get())).toMatchObject({
    eventName: 'GetPublicKey',
    readOnly: true,
    requestParameters: { keyId: key.id },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
})
