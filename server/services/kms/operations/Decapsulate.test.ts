// Decapsulate as callers see it, with another implementation of ML-KEM on the other side.
import {
  CreateAliasCommand,
  DecapsulateCommand,
  type DecapsulateCommandInput,
  EncapsulateCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { elementAt } from '../../../crypto/der.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

const USAGE = 'ENCAPSULATE_DECAPSULATE'
const CIPHERTEXT_BYTES = 1088

let server: TestServer
let kms: KMSClient
let key: StoredKey
let blob: Uint8Array
let secret: Uint8Array
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'ML_KEM_768', USAGE)
  const made = await kms.send(
    new EncapsulateCommand({ KeyId: key.id, EncapsulationAlgorithm: 'ML_KEM' }),
  )
  blob = made.SharedSecretCiphertextBlob as Uint8Array
  secret = made.SharedSecret as Uint8Array
})
afterAll(() => server.close())

function decapsulate(input: Partial<DecapsulateCommandInput> = {}) {
  const whole = { KeyId: key.id, EncapsulationAlgorithm: 'ML_KEM' } as const
  return kms.send(new DecapsulateCommand({ ...whole, SharedSecretCiphertextBlob: blob, ...input }))
}

async function told(input: Partial<DecapsulateCommandInput>): Promise<string> {
  return (await refusalOf(decapsulate(input))).name
}

it.each([
  ['ML_KEM_512', ml_kem512],
  ['ML_KEM_768', ml_kem768],
  ['ML_KEM_1024', ml_kem1024],
] as const)('Decapsulate with %s opens what another implementation made', async (spec, other) => {
  const { id: KeyId, arn } = await newKeyOf(kms, spec, USAGE)
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }))
  const bits = elementAt(Buffer.from(PublicKey ?? []), 0, 1).subarray(1)
  const { cipherText, sharedSecret } = other.encapsulate(bits)
  const { $metadata, ...answer } = await decapsulate({
    KeyId,
    SharedSecretCiphertextBlob: cipherText,
  })
  expect(answer).toEqual({
    KeyId: arn,
    SharedSecret: expect.any(Uint8Array),
    EncapsulationAlgorithm: 'ML_KEM',
  })
  expect(Buffer.from(answer.SharedSecret ?? [])).toEqual(Buffer.from(sharedSecret))
})

it('Decapsulate opens the same ciphertext to the same secret, under ARN and alias as well', async () => {
  const AliasName = 'alias/decapsulation'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  for (const KeyId of [key.id, key.arn, AliasName]) {
    const opened = await decapsulate({ KeyId })
    expect([opened.KeyId, opened.SharedSecret]).toEqual([key.arn, secret])
  }
})

it('Decapsulate opens an altered ciphertext to another secret, always the same', async () => {
  for (const at of [0, 500, CIPHERTEXT_BYTES - 1]) {
    const altered = Uint8Array.from(blob)
    altered[at] = (altered[at] as number) ^ 1
    const { SharedSecret } = await decapsulate({ SharedSecretCiphertextBlob: altered })
    expect(SharedSecret).toHaveLength(32)
    expect(SharedSecret).not.toEqual(secret)
    const again = await decapsulate({ SharedSecretCiphertextBlob: altered })
    expect(again.SharedSecret).toEqual(SharedSecret)
  }
})

it('Decapsulate opens a ciphertext for another key to a secret that nobody has', async () => {
  const other = await newKeyOf(kms, 'ML_KEM_768', USAGE)
  const { SharedSecret } = await decapsulate({ KeyId: other.id })
  expect(SharedSecret).toHaveLength(32)
  expect(SharedSecret).not.toEqual(secret)
})

it('Decapsulate refuses a ciphertext of the wrong length without a word', async () => {
  for (const length of [1, 768, CIPHERTEXT_BYTES - 1, CIPHERTEXT_BYTES + 1, 1568, 6144]) {
    const SharedSecretCiphertextBlob = Buffer.alloc(length)
    const { name, status } = await refusalOf(decapsulate({ SharedSecretCiphertextBlob }))
    expect([length, name, status]).toEqual([length, 'InvalidCiphertextException', 400])
  }
})

it('Decapsulate takes ciphertexts of 1 to 6144 bytes and the one algorithm', async () => {
  for (const [length, sentence] of [
    [0, 'greater than or equal to 1'],
    [6145, 'less than or equal to 6144'],
  ] as const) {
    const SharedSecretCiphertextBlob = Buffer.alloc(length)
    expect(await refusalOf(decapsulate({ SharedSecretCiphertextBlob }))).toEqual(
      invalid(
        `Value at 'sharedSecretCiphertextBlob' failed to satisfy constraint: Member must have length ${sentence}`,
      ),
    )
  }
  expect(await told({ EncapsulationAlgorithm: 'RSA_KEM' as 'ML_KEM' })).toBe('ValidationException')
  const nothing = await sendSigned(server, 'Decapsulate', '{}')
  expect(nothing.body.message).toMatch(/^3 validation errors detected: Value null at/)
})

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['ML_DSA_44', 'SIGN_VERIFY'],
])('Decapsulate refuses a key %s that is for %s', async (spec, usage) => {
  const other = await newKeyOf(kms, spec, usage)
  expect(await refusalOf(decapsulate({ KeyId: other.id }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `${other.arn} key usage is ${usage} which is not valid for Decapsulate.`,
    ),
  )
})

it('Decapsulate as a dry run gives no secret, and tells what would become of the call', async () => {
  expect(await told({ DryRun: true })).toBe('DryRunOperationException')
  const short = { DryRun: true, SharedSecretCiphertextBlob: Buffer.of(0) }
  expect(await told(short)).toBe('InvalidCiphertextException')
})

it('Decapsulate checks permission, then existence, tokens, state, usage and ciphertext', async () => {
  const disabled = await newKeyOf(kms, 'ECC_NIST_P256')
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { SharedSecretCiphertextBlob: Buffer.of(0) }
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('KMSInvalidStateException')
  await alterKey(server, disabled, { state: 'Enabled' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('InvalidKeyUsageException')
  expect(await told(wrong)).toBe('InvalidCiphertextException')
})

it('Decapsulate is recorded without ciphertext and secret', async () => {
  const record = await recordOf(server, decapsulate())
  expect(record).toMatchObject({
    eventName: 'Decapsulate',
    readOnly: true,
    requestParameters: { keyId: key.id, encapsulationAlgorithm: 'ML_KEM' },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  const text = JSON.stringify(record)
  expect(text).not.toContain(Buffer.from(secret).toString('base64'))
  expect(text).not.toContain(Buffer.from(blob).toString('base64'))
})
