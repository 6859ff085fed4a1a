// GetParametersForImport as callers see it: wrapping keys and tokens, and what is not offered.
import { createPublicKey } from 'node:crypto'
import {
  type AlgorithmSpec,
  GetParametersForImportCommand,
  type GetParametersForImportCommandInput,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  ScheduleKeyDeletionCommand,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allow, deny, policy, ROOT_A, to } from '../../../policy/testing/cast.ts'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { KmsTables } from '../tables.ts'
import { newExternalKey } from '../testing/importing.ts'
import { recordOf } from '../testing/recorded.ts'
import { NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000
const OAEP = 'RSAES_OAEP_SHA_256'
const AES = 'RSA_AES_KEY_WRAP_SHA_256'

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newExternalKey(kms)
})
afterAll(() => server.close())

function parameters(input: Partial<GetParametersForImportCommandInput> = {}) {
  const whole = { KeyId: key.id, WrappingAlgorithm: OAEP, WrappingKeySpec: 'RSA_2048', ...input }
  return kms.send(new GetParametersForImportCommand(whole as GetParametersForImportCommandInput))
}

it.each<[WrappingKeySpec, number]>([
  ['RSA_2048', 2048],
  ['RSA_3072', 3072],
  ['RSA_4096', 4096],
])('GetParametersForImport gives a wrapping key %s for a day', async (spec, bits) => {
  const beforeMs = Date.now()
  const { $metadata, ...answer } = await parameters({ WrappingKeySpec: spec })
  expect(answer).toEqual({
    KeyId: key.arn,
    ImportToken: expect.any(Uint8Array),
    PublicKey: expect.any(Uint8Array),
    ParametersValidTo: expect.any(Date),
  })
  const der = { key: Buffer.from(answer.PublicKey ?? []), format: 'der', type: 'spki' } as const
  expect(createPublicKey(der).asymmetricKeyDetails?.modulusLength).toBe(bits)
  const validToMs = answer.ParametersValidTo?.getTime() ?? 0
  expect(validToMs).toBeGreaterThanOrEqual(beforeMs + DAY_MS - 1)
  expect(validToMs).toBeLessThanOrEqual(Date.now() + DAY_MS)
  expect(answer.ImportToken?.length).toBeLessThanOrEqual(6144)
})

it('GetParametersForImport gives others each time, and stores nothing', async () => {
  const rows = () =>
    server.storage.read
      .$extendTables<KmsTables>()
      .selectFrom('kms_keys')
      .select('version')
      .where('key_id', '=', key.id)
      .execute()
  const before = await rows()
  const [one, other] = [await parameters(), await parameters()]
  expect(one.PublicKey).not.toEqual(other.PublicKey)
  expect(one.ImportToken).not.toEqual(other.ImportToken)
  expect(await rows()).toEqual(before)
})

describe('A wrapping algorithm', () => {
  const kinds: readonly [KeySpec, KeyUsageType, readonly string[], readonly string[]][] = [
    ['HMAC_256', 'GENERATE_VERIFY_MAC', [OAEP], [AES]],
    ['RSA_2048', 'SIGN_VERIFY', [AES, 'RSA_AES_KEY_WRAP_SHA_1'], [OAEP, 'RSAES_OAEP_SHA_1']],
    ['ECC_NIST_P384', 'KEY_AGREEMENT', [OAEP, AES], []],
    ['ECC_NIST_P521', 'SIGN_VERIFY', [AES], [OAEP, 'RSAES_OAEP_SHA_1']],
    ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', [OAEP, AES], []],
  ]
  it.each(kinds)(
    'for %s as %s is one of %j, not of %j',
    async (KeySpec, KeyUsage, right, wrong) => {
      const { id: KeyId } = await newExternalKey(kms, { KeySpec, KeyUsage })
      for (const WrappingAlgorithm of right as readonly AlgorithmSpec[]) {
        expect((await parameters({ KeyId, WrappingAlgorithm })).ImportToken).toBeDefined()
      }
      for (const WrappingAlgorithm of wrong as readonly AlgorithmSpec[]) {
        expect(await refusalOf(parameters({ KeyId, WrappingAlgorithm }))).toEqual(
          refusal(
            'UnsupportedOperationException',
            `${WrappingAlgorithm} with RSA_2048 cannot wrap key material for key spec ${KeySpec}.`,
          ),
        )
      }
    },
  )

  it('of P-521 is OAEP where the wrapping key is long enough', async () => {
    const input = { KeySpec: 'ECC_NIST_P521', KeyUsage: 'SIGN_VERIFY' } as const
    const { id: KeyId } = await newExternalKey(kms, input)
    const given = await parameters({ KeyId, WrappingKeySpec: 'RSA_3072' })
    expect(given.ImportToken).toBeDefined()
  })

  it.each<[object, string]>([
    [{ WrappingAlgorithm: 'RSAES_PKCS1_V1_5' }, 'RSAES_PKCS1_V1_5'],
    [{ WrappingAlgorithm: 'SM2PKE' }, 'SM2PKE'],
    [{ WrappingKeySpec: 'SM2' }, 'SM2'],
  ])('that AWS does not offer any more, or not here, is refused: %j', async (input, what) => {
    expect(await refusalOf(parameters(input))).toEqual(
      refusal('UnsupportedOperationException', `${what} is not supported by this server.`),
    )
  })

  it('that there never was is refused', async () => {
    const given = { WrappingAlgorithm: 'ROT13', WrappingKeySpec: 'RSA_1024' } as object
    const { name, message } = await refusalOf(parameters(given))
    expect(name).toBe('ValidationException')
    expect(message).toMatch(/^2 validation errors detected: Value 'ROT13' at 'wrappingAlgorithm'/)
    expect((await refusalOf(parameters({ WrappingKeySpec: undefined }))).message).toContain(
      "Value null at 'wrappingKeySpec'",
    )
  })
})

it('GetParametersForImport refuses a key whose material is made here', async () => {
  const made = await newKey(kms)
  const expected = refusal(
    'UnsupportedOperationException',
    `${made.arn} origin is AWS_KMS which is not valid for this operation.`,
  )
  expect(await refusalOf(parameters({ KeyId: made.id }))).toEqual(expected)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: made.id }))
  expect(await refusalOf(parameters({ KeyId: made.id }))).toEqual(expected)
})

it('GetParametersForImport refuses a key that is pending deletion, or not there', async () => {
  const own = await newExternalKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: own.id }))
  expect(await refusalOf(parameters({ KeyId: own.id }))).toEqual(
    refusal('KMSInvalidStateException', `${own.arn} is pending deletion.`),
  )
  const arn = `arn:aws:kms:us-east-1:111122223333:key/${NO_KEY_ID}`
  expect((await refusalOf(parameters({ KeyId: arn }))).name).toBe('NotFoundException')
  expect((await refusalOf(parameters({ KeyId: 'arn:aws:kms' }))).name).toBe('InvalidArnException')
  const foreign = arn.replace('111122223333', OTHER_ACCOUNT)
  expect((await refusalOf(parameters({ KeyId: foreign }))).name).toBe('AccessDeniedException')
})

it('GetParametersForImport is recorded without its answer', async () => {
  const record = await recordOf(server, parameters())
  expect(record).toMatchObject({
    eventName: 'GetParametersForImport',
    readOnly: true,
    requestParameters: { keyId: key.id, wrappingAlgorithm: OAEP, wrappingKeySpec: 'RSA_2048' },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
})

it.each([
  ['kms:WrappingAlgorithm', OAEP, { WrappingAlgorithm: 'RSAES_OAEP_SHA_1' }],
  ['kms:WrappingKeySpec', 'RSA_2048', { WrappingKeySpec: 'RSA_3072' }],
] as const)('A policy can insist on %s', async (condition, value, other) => {
  const Policy = JSON.stringify(
    policy(
      allow('kms:*', to(ROOT_A)),
      deny('kms:GetParametersForImport', {
        ...to('*'),
        Condition: { StringNotEquals: { [condition]: value } },
      }),
    ),
  )
  const { id: KeyId } = await newExternalKey(kms, { Policy })
  expect((await parameters({ KeyId })).ImportToken).toBeDefined()
  expect((await refusalOf(parameters({ KeyId, ...other }))).name).toBe('AccessDeniedException')
})
