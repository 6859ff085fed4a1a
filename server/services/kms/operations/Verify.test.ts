// Verify as callers see it: what Sign made, what others made, and what is none.
import { createHash } from 'node:crypto'
import {
  type KeySpec,
  type KMSClient,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
  type VerifyCommandInput,
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
let signature: Buffer
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'ECC_NIST_P256')
  signature = await sign(key, 'ECDSA_SHA_256')
})
afterAll(() => server.close())

async function sign({ id }: StoredKey, SigningAlgorithm: SigningAlgorithmSpec, more: object = {}) {
  const input = { KeyId: id, Message, SigningAlgorithm, ...more }
  return Buffer.from((await kms.send(new SignCommand(input))).Signature ?? [])
}

function verify(input: Partial<VerifyCommandInput> = {}) {
  const whole = { KeyId: key.id, Message, Signature: signature, SigningAlgorithm: 'ECDSA_SHA_256' }
  return kms.send(new VerifyCommand({ ...whole, ...input } as VerifyCommandInput))
}

async function told(input: Partial<VerifyCommandInput>): Promise<string> {
  return (await refusalOf(verify(input))).name
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

const digest = (hash: string) => createHash(hash).update(Message).digest()

it.each<[KeySpec, SigningAlgorithmSpec, string]>([
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_512', 'sha512'],
  ['RSA_2048', 'RSASSA_PSS_SHA_256', 'sha256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384', 'sha384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512', 'sha512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256', 'sha256'],
])('Verify with %s by %s takes the message for its digest, both ways', async (spec, alg, hash) => {
  const signing = await newKeyOf(kms, spec)
  const hashed = { MessageType: 'DIGEST', Message: digest(hash) } as const
  for (const Signature of [await sign(signing, alg), await sign(signing, alg, hashed)]) {
    const input = { KeyId: signing.id, SigningAlgorithm: alg, Signature }
    const { $metadata, ...answer } = await verify(input)
    expect(answer).toEqual({ KeyId: signing.arn, SignatureValid: true, SigningAlgorithm: alg })
    expect((await verify({ ...input, ...hashed })).SignatureValid).toBe(true)
    const at = Signature.length - 1
    expect(await told({ ...input, Signature: flipped(Signature, at) })).toBe(
      'KMSInvalidSignatureException',
    )
  }
})

it.each<[KeySpec, SigningAlgorithmSpec, object]>([
  ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', { MessageType: 'RAW' }],
  [
    'ECC_NIST_EDWARDS25519',
    'ED25519_PH_SHA_512',
    { MessageType: 'DIGEST', Message: digest('sha512') },
  ],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256', { MessageType: 'RAW' }],
  ['ML_DSA_65', 'ML_DSA_SHAKE_256', { MessageType: 'EXTERNAL_MU', Message: digest('sha512') }],
])('Verify with %s by %s of %o', async (spec, SigningAlgorithm, message) => {
  const signing = await newKeyOf(kms, spec)
  const Signature = await sign(signing, SigningAlgorithm, message)
  const input = { KeyId: signing.id, SigningAlgorithm, Signature, ...message }
  expect((await verify(input)).SignatureValid).toBe(true)
  expect(await told({ ...input, Message: Buffer.alloc(64) })).toBe('KMSInvalidSignatureException')
  expect(await told({ ...input, Signature: flipped(Signature, 40) })).toBe(
    'KMSInvalidSignatureException',
  )
})

it('Verify of a wrong signature is an error, and never says that it is not valid', async () => {
  const other = await newKeyOf(kms, 'ECC_NIST_P256')
  for (const input of [
    { Message: Buffer.from('another') },
    { KeyId: other.id },
    { Signature: signature.subarray(1) },
    { Signature: Buffer.concat([signature, Buffer.of(0)]) },
    { Signature: Buffer.of(0) },
    { Signature: Buffer.alloc(6144, 255) },
    { MessageType: 'DIGEST', Message: Buffer.alloc(32) },
  ] as const) {
    const refused = await refusalOf(verify(input))
    expect([refused.name, refused.status]).toEqual(['KMSInvalidSignatureException', 400])
  }
})

it('Verify refuses signatures beyond the limits', async () => {
  for (const [length, sentence] of [
    [0, 'greater than or equal to 1'],
    [6145, 'less than or equal to 6144'],
  ] as const) {
    const { message } = await refusalOf(verify({ Signature: Buffer.alloc(length) }))
    expect(message).toContain("at 'signature' failed to satisfy constraint")
    expect(message).toContain(`Member must have length ${sentence}`)
  }
})

it('Verify refuses digests of a wrong length, types and algorithms that are not the key’s', async () => {
  expect(await refusalOf(verify({ MessageType: 'DIGEST', Message: Buffer.alloc(31) }))).toEqual(
    refusal('ValidationException', 'Digest is invalid length for algorithm ECDSA_SHA_256.'),
  )
  expect(await refusalOf(verify({ MessageType: 'EXTERNAL_MU' }))).toEqual(
    refusal(
      'ValidationException',
      'Message type EXTERNAL_MU is incompatible with algorithm ECDSA_SHA_256.',
    ),
  )
  expect(await refusalOf(verify({ SigningAlgorithm: 'RSASSA_PSS_SHA_256' }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      'Algorithm RSASSA_PSS_SHA_256 is incompatible with key spec ECC_NIST_P256.',
    ),
  )
  const agreement = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
  expect(await refusalOf(verify({ KeyId: agreement.id }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `${agreement.arn} key usage is KEY_AGREEMENT which is not valid for Verify.`,
    ),
  )
})

it('Verify as a dry run tells what would become of the call', async () => {
  expect(await told({ DryRun: true })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, Message: Buffer.from('x') })).toBe(
    'KMSInvalidSignatureException',
  )
})

it('Verify checks permission, then existence, tokens, state, usage and signature', async () => {
  const disabled = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { Signature: Buffer.of(1), SigningAlgorithm: 'ECDSA_SHA_384' } as const
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('KMSInvalidStateException')
  expect(await told(wrong)).toBe('InvalidKeyUsageException')
  expect(await told({ Signature: Buffer.of(1) })).toBe('KMSInvalidSignatureException')
})

it('Verify is recorded without message and signature, also where that is wrong', async () => {
  expect(await recordOf(server, verify({ Signature: Buffer.of(1) }))).toMatchObject({
    eventName: 'Verify',
    readOnly: true,
    errorCode: 'KMSInvalidSignatureException',
    requestParameters: { keyId: key.id, signingAlgorithm: 'ECDSA_SHA_256' },
    resources: [{ ARN: key.arn }],
  })
  const record = await recordOf(server, verify())
  expect(record.responseElements).toBeNull()
  expect(JSON.stringify(record)).not.toContain(signature.toString('base64'))
})
