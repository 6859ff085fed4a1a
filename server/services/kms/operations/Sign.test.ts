// Sign as callers see it: signatures that openssl verifies with the key that GetPublicKey gives.
import { createHash, createPublicKey, verify } from 'node:crypto'
import {
  CreateAliasCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  type MessageType,
  SignCommand,
  type SignCommandInput,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../../crypto/algorithms.ts'
import { hasOpenssl, openssl } from '../../../crypto/testing/openssl.ts'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, NO_KEY_ID, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

const FOREIGN = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
const message = Buffer.from('a statement')

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'ECC_NIST_P256')
})
afterAll(() => server.close())

function sign(input: Partial<SignCommandInput> = {}) {
  const whole = { KeyId: key.id, Message: message, SigningAlgorithm: 'ECDSA_SHA_256', ...input }
  return kms.send(new SignCommand(whole as SignCommandInput))
}

async function signatureOf(input: Partial<SignCommandInput>): Promise<Buffer> {
  return Buffer.from((await sign(input)).Signature ?? [])
}

async function publicKeyOf({ id }: StoredKey): Promise<Buffer> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: id }))
  return Buffer.from(PublicKey ?? [])
}

describe.skipIf(!hasOpenssl)('openssl verifies what Sign answers', () => {
  it.each<[KeySpec, SigningAlgorithm]>([
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256'],
    ['RSA_2048', 'RSASSA_PSS_SHA_384'],
    ['ECC_NIST_P256', 'ECDSA_SHA_256'],
    ['ECC_NIST_P384', 'ECDSA_SHA_384'],
    ['ECC_NIST_P521', 'ECDSA_SHA_512'],
    ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
  ])('for %s by %s, of a message and of its digest', async (spec, algorithm) => {
    const { scheme, hash } = SIGNING_ALGORITHMS[algorithm]
    const signing = await newKeyOf(kms, spec)
    const digest = createHash(hash).update(message).digest()
    const input = { KeyId: signing.id, SigningAlgorithm: algorithm }
    const pss = ['rsa_padding_mode:pss', 'rsa_pss_saltlen:digest', `rsa_mgf1_md:${hash}`]
    const options = [`digest:${hash}`, ...(scheme === 'rsa-pss' ? pss : [])]
    for (const signature of [
      await signatureOf(input),
      await signatureOf({ ...input, MessageType: 'RAW' }),
      await signatureOf({ ...input, MessageType: 'DIGEST', Message: digest }),
    ]) {
      const files = { key: await publicKeyOf(signing), digest, signature }
      const command = '-verify -pubin -inkey key -keyform DER -in digest -sigfile signature'
      const told = openssl(
        files,
        'pkeyutl',
        ...command.split(' '),
        ...options.flatMap((option) => ['-pkeyopt', option]),
      )
      expect(told.succeeded).toBe(true)
    }
  })
})

it.each<[KeySpec, SigningAlgorithm]>([
  ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512'],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256'],
  ['ML_DSA_87', 'ML_DSA_SHAKE_256'],
])('Sign with %s by %s: the public key verifies it', async (spec, SigningAlgorithm) => {
  const signing = await newKeyOf(kms, spec)
  const signature = await signatureOf({ KeyId: signing.id, SigningAlgorithm })
  const spki = createPublicKey({ key: await publicKeyOf(signing), format: 'der', type: 'spki' })
  expect(verify(null, message, spki, signature)).toBe(true)
})

it('Sign names key and algorithm, and takes messages of 1 to 4096 bytes', async () => {
  const { $metadata, ...told } = await sign({ Message: Buffer.alloc(4096) })
  expect(told).toEqual({
    KeyId: key.arn,
    Signature: expect.any(Uint8Array),
    SigningAlgorithm: 'ECDSA_SHA_256',
  })
  await sign({ Message: Buffer.of(0) })
  for (const [length, sentence] of [
    [0, 'greater than or equal to 1'],
    [4097, 'less than or equal to 4096'],
  ] as const) {
    const refused = await refusalOf(sign({ Message: Buffer.alloc(length) }))
    expect(refused.message).toContain(
      `Value at 'message' failed to satisfy constraint: Member must have length ${sentence}`,
    )
  }
})

it('Sign takes ARNs and aliases', async () => {
  const AliasName = 'alias/signer'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  for (const KeyId of [key.arn, AliasName]) expect((await sign({ KeyId })).KeyId).toBe(key.arn)
})

it.each<[KeySpec, SigningAlgorithmSpec, number]>([
  ['RSA_2048', 'RSASSA_PSS_SHA_256', 32],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_384', 48],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_512', 64],
  ['ECC_NIST_P256', 'ECDSA_SHA_256', 32],
  ['ECC_NIST_P384', 'ECDSA_SHA_384', 48],
  ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 64],
])('Sign with %s by %s takes digests of %d bytes only', async (spec, algorithm, bytes) => {
  const { id: KeyId } = await newKeyOf(kms, spec)
  const of = (length: number) =>
    sign({
      KeyId,
      SigningAlgorithm: algorithm,
      MessageType: 'DIGEST',
      Message: Buffer.alloc(length, 1),
    })
  await of(bytes)
  for (const length of [1, 20, bytes - 1, bytes + 1, 4096]) {
    expect(await refusalOf(of(length)), `${length} bytes`).toEqual(
      refusal('ValidationException', `Digest is invalid length for algorithm ${algorithm}.`),
    )
  }
})

it('Sign by ML-DSA takes an external mu of 64 bytes only', async () => {
  const { id: KeyId } = await newKeyOf(kms, 'ML_DSA_65')
  const of = (length: number) =>
    sign({
      KeyId,
      SigningAlgorithm: 'ML_DSA_SHAKE_256',
      MessageType: 'EXTERNAL_MU',
      Message: Buffer.alloc(length, 1),
    })
  expect((await of(64)).Signature).toHaveLength(3309)
  for (const length of [32, 63, 65]) {
    expect(await refusalOf(of(length))).toEqual(
      refusal('ValidationException', 'Digest is invalid length for algorithm ML_DSA_SHAKE_256.'),
    )
  }
})

it.each<[KeySpec, SigningAlgorithmSpec, MessageType]>([
  ['ECC_NIST_P256', 'ECDSA_SHA_256', 'EXTERNAL_MU'],
  ['RSA_2048', 'RSASSA_PSS_SHA_256', 'EXTERNAL_MU'],
  ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'DIGEST'],
  ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 'RAW'],
  ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'DIGEST'],
])(
  'Sign with %s by %s refuses messages of type %s',
  async (spec, SigningAlgorithm, MessageType) => {
    const { id: KeyId } = await newKeyOf(kms, spec)
    const input = { KeyId, SigningAlgorithm, MessageType, Message: Buffer.alloc(64) }
    expect(await refusalOf(sign(input))).toEqual(
      refusal(
        'ValidationException',
        `Message type ${MessageType} is incompatible with algorithm ${SigningAlgorithm}.`,
      ),
    )
  },
)

it.each<[KeySpec, SigningAlgorithmSpec]>([
  ['ECC_NIST_P256', 'ECDSA_SHA_384'],
  ['ECC_NIST_P384', 'ECDSA_SHA_256'],
  ['RSA_2048', 'ECDSA_SHA_256'],
  ['ECC_NIST_EDWARDS25519', 'ML_DSA_SHAKE_256'],
  ['ML_DSA_44', 'SM2DSA'],
])('Sign refuses a key %s by %s', async (spec, SigningAlgorithm) => {
  const { id: KeyId } = await newKeyOf(kms, spec)
  expect(await refusalOf(sign({ KeyId, SigningAlgorithm }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `Algorithm ${SigningAlgorithm} is incompatible with key spec ${spec}.`,
    ),
  )
})

it.each<[KeySpec, KeyUsageType]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['RSA_2048', 'ENCRYPT_DECRYPT'],
  ['ECC_NIST_P256', 'KEY_AGREEMENT'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC'],
])('Sign refuses a key %s that is for %s', async (spec, usage) => {
  const other = await newKeyOf(kms, spec, usage)
  expect(await refusalOf(sign({ KeyId: other.id }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `${other.arn} key usage is ${usage} which is not valid for Sign.`,
    ),
  )
})

it('Sign lists every problem of the input at once', async () => {
  const body = '{"MessageType":"HASH","SigningAlgorithm":"ROT13"}'
  const answer = await sendSigned(server, 'Sign', body)
  expect(answer.status).toBe(400)
  expect(answer.body.message).toMatch(/^4 validation errors detected: /)
  for (const part of [
    "Value null at 'keyId'",
    "Value null at 'message'",
    'Member must satisfy enum value set: [DIGEST, EXTERNAL_MU, RAW]',
    "Value 'ROT13' at 'signingAlgorithm'",
  ]) {
    expect(answer.body.message).toContain(part)
  }
})

it('Sign as a dry run gives no signature, and tells what would become of the call', async () => {
  expect(await refusalOf(sign({ DryRun: true }))).toEqual(
    refusal(
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    ),
  )
  const { name } = await refusalOf(sign({ DryRun: true, MessageType: 'DIGEST' }))
  expect(name).toBe('ValidationException')
})

it('Sign checks permission, then existence, tokens, state, usage, algorithm and message', async () => {
  const told = async (input: Partial<SignCommandInput>) => (await refusalOf(sign(input))).name
  const disabled = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { SigningAlgorithm: 'ECDSA_SHA_384', MessageType: 'DIGEST' } as const
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('KMSInvalidStateException')
  expect(await told(wrong)).toBe('InvalidKeyUsageException')
  expect(await told({ MessageType: 'DIGEST' })).toBe('ValidationException')
})

it('Sign is recorded without message and signature', async () => {
  const record = await recordOf(server, sign({ MessageType: 'RAW' }))
  expect(record).toMatchObject({
    eventName: 'Sign',
    readOnly: true,
    requestParameters: {
      keyId: key.id,
      messageType: 'RAW',
      signingAlgorithm: 'ECDSA_SHA_256',
    },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  expect(JSON.stringify(record)).not.toContain(message.toString('base64'))
})

it('Sign answers many calls at once, of slow keys and of fast ones', async () => {
  const slow = await newKeyOf(kms, 'RSA_2048')
  const SigningAlgorithm = 'RSASSA_PSS_SHA_512'
  const signatures = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0 ? signatureOf({ KeyId: slow.id, SigningAlgorithm }) : signatureOf({}),
    ),
  )
  expect(new Set(signatures.map((bytes) => bytes.toString('hex'))).size).toBe(12)
})
