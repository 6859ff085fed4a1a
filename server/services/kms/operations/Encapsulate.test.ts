// Encapsulate as callers see it. An independent implementation opens its secrets in crypto/key-encapsulation.test.ts.
import {
  CreateAliasCommand,
  DecapsulateCommand,
  EncapsulateCommand,
  type EncapsulateCommandInput,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

const USAGE = 'ENCAPSULATE_DECAPSULATE'

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'ML_KEM_768', USAGE)
})
afterAll(() => server.close())

function encapsulate(input: Partial<EncapsulateCommandInput> = {}) {
  const whole = { KeyId: key.id, EncapsulationAlgorithm: 'ML_KEM', ...input } as const
  return kms.send(new EncapsulateCommand(whole))
}

async function told(input: Partial<EncapsulateCommandInput>): Promise<string> {
  return (await refusalOf(encapsulate(input))).name
}

it.each<[KeySpec, number]>([
  ['ML_KEM_512', 768],
  ['ML_KEM_768', 1088],
  ['ML_KEM_1024', 1568],
])('Encapsulate with %s gives a secret and %d bytes that open to it', async (spec, bytes) => {
  const { id: KeyId, arn } = await newKeyOf(kms, spec, USAGE)
  const { $metadata, ...answer } = await encapsulate({ KeyId })
  expect(answer).toEqual({
    KeyId: arn,
    SharedSecret: expect.any(Uint8Array),
    SharedSecretCiphertextBlob: expect.any(Uint8Array),
    EncapsulationAlgorithm: 'ML_KEM',
  })
  expect(answer.SharedSecret).toHaveLength(32)
  expect(answer.SharedSecretCiphertextBlob).toHaveLength(bytes)
  const opened = await kms.send(
    new DecapsulateCommand({
      KeyId,
      EncapsulationAlgorithm: 'ML_KEM',
      SharedSecretCiphertextBlob: answer.SharedSecretCiphertextBlob,
    }),
  )
  expect(opened.SharedSecret).toEqual(answer.SharedSecret)
})

it('Encapsulate gives another secret each time', async () => {
  const made = await Promise.all(Array.from({ length: 10 }, () => encapsulate()))
  const secrets = made.map(({ SharedSecret }) => Buffer.from(SharedSecret ?? []).toString('hex'))
  expect(new Set(secrets).size).toBe(10)
  expect(secrets).not.toContain('00'.repeat(32))
})

it('Encapsulate takes ARNs and aliases', async () => {
  const AliasName = 'alias/encapsulation'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  for (const KeyId of [key.arn, AliasName]) {
    expect((await encapsulate({ KeyId })).KeyId).toBe(key.arn)
  }
})

it('Encapsulate takes the one algorithm that there is', async () => {
  const EncapsulationAlgorithm = 'RSA_KEM' as 'ML_KEM'
  expect(await refusalOf(encapsulate({ EncapsulationAlgorithm }))).toEqual(
    invalid(
      "Value 'RSA_KEM' at 'encapsulationAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ML_KEM]",
    ),
  )
  const nothing = await sendSigned(server, 'Encapsulate', '{}')
  expect(nothing.body.message).toMatch(/^2 validation errors detected: Value null at/)
})

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['ML_DSA_44', 'SIGN_VERIFY'],
  ['ECC_NIST_P256', 'KEY_AGREEMENT'],
])('Encapsulate refuses a key %s that is for %s', async (spec, usage) => {
  const other = await newKeyOf(kms, spec, usage)
  expect(await refusalOf(encapsulate({ KeyId: other.id }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `${other.arn} key usage is ${usage} which is not valid for Encapsulate.`,
    ),
  )
})

it('Encapsulate as a dry run gives no secret, and tells what would become of the call', async () => {
  expect(await told({ DryRun: true })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, KeyId: NO_KEY_ID })).toBe('NotFoundException')
})

it('Encapsulate checks permission, then existence, tokens, state and usage', async () => {
  const disabled = await newKeyOf(kms, 'ECC_NIST_P256')
  await alterKey(server, disabled, { state: 'Disabled' })
  expect(await told({ KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ KeyId: disabled.id, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ KeyId: disabled.id })).toBe('KMSInvalidStateException')
})

it('Encapsulate is recorded without the secret', async () => {
  const answer = encapsulate()
  const record = await recordOf(server, answer)
  expect(record).toMatchObject({
    eventName: 'Encapsulate',
    readOnly: true,
    requestParameters: { keyId: key.id, encapsulationAlgorithm: 'ML_KEM' },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  const { SharedSecret } = await answer
  expect(JSON.stringify(record)).not.toContain(Buffer.from(SharedSecret ?? []).toString('base64'))
})
