// GenerateDataKeyPairWithoutPlaintext as callers see it. The pairs: GenerateDataKeyPair.test.ts.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import {
  type DataKeyPairSpec,
  DecryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  type GenerateDataKeyPairWithoutPlaintextCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
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

const EncryptionContext = { purpose: 'test' }

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms)
})
afterAll(() => server.close())

function generate(input: Partial<GenerateDataKeyPairWithoutPlaintextCommandInput> = {}) {
  const whole = { KeyId: key.id, KeyPairSpec: 'ECC_NIST_P256', ...input } as const
  return kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(whole))
}

async function told(
  input: Partial<GenerateDataKeyPairWithoutPlaintextCommandInput>,
): Promise<string> {
  return (await refusalOf(generate(input))).name
}

it.each<DataKeyPairSpec>([
  'RSA_2048',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
  'ML_KEM_1024',
])(
  'GenerateDataKeyPairWithoutPlaintext of %s seals what belongs to its public key',
  async (spec) => {
    const { $metadata, ...made } = await generate({ KeyPairSpec: spec, EncryptionContext })
    expect(made).toEqual({
      PrivateKeyCiphertextBlob: expect.any(Uint8Array),
      PublicKey: expect.any(Uint8Array),
      KeyId: key.arn,
      KeyPairSpec: spec,
      KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const { PrivateKeyCiphertextBlob: CiphertextBlob } = made
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
    const pkcs8 = Buffer.from(opened.Plaintext ?? [])
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
    expect(Buffer.from(made.PublicKey ?? [])).toEqual(spki)
    expect((await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob })))).name).toBe(
      'InvalidCiphertextException',
    )
  },
)

it('GenerateDataKeyPairWithoutPlaintext has no SM2, and no specs that AWS has no pairs of', async () => {
  expect(await refusalOf(generate({ KeyPairSpec: 'SM2' }))).toEqual(
    refusal('UnsupportedOperationException', 'KeyPairSpec SM2 is not supported by this server.'),
  )
  expect(await told({ KeyPairSpec: 'ML_DSA_44' as 'RSA_2048' })).toBe('ValidationException')
  const nothing = await sendSigned(server, 'GenerateDataKeyPairWithoutPlaintext', '{}')
  expect(nothing.body.message).toMatch(/^2 validation errors detected: Value null at/)
})

it('GenerateDataKeyPairWithoutPlaintext refuses a context that is too long', async () => {
  expect(await told({ EncryptionContext: { k: 'v'.repeat(8192) } })).toBe('ValidationException')
})

it('GenerateDataKeyPairWithoutPlaintext as a dry run tells what would become of the call', async () => {
  expect(await told({ DryRun: true, KeyPairSpec: 'RSA_4096' })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, KeyId: NO_KEY_ID })).toBe('NotFoundException')
})

it('GenerateDataKeyPairWithoutPlaintext checks permission, existence, tokens, state, usage', async () => {
  const disabled = await newKeyOf(kms, 'RSA_2048', 'ENCRYPT_DECRYPT')
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { KeyPairSpec: 'SM2' } as const
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('KMSInvalidStateException')
  await alterKey(server, disabled, { state: 'Enabled' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('InvalidKeyUsageException')
})

it('The record of GenerateDataKeyPairWithoutPlaintext shows the request, the key and no answer', async () => {
  expect(await recordOf(server, generate({ EncryptionContext }))).toMatchObject({
    eventName: 'GenerateDataKeyPairWithoutPlaintext',
    readOnly: true,
    requestParameters: {
      keyId: key.id,
      keyPairSpec: 'ECC_NIST_P256',
      encryptionContext: EncryptionContext,
    },
    responseElements: null,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
  })
})
