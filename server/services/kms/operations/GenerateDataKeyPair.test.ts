// GenerateDataKeyPair as callers see it: openssl works with the pairs that it hands out.
import { createPrivateKey, createPublicKey, diffieHellman, sign, verify } from 'node:crypto'
import {
  CreateAliasCommand,
  type DataKeyPairSpec,
  DecryptCommand,
  GenerateDataKeyPairCommand,
  type GenerateDataKeyPairCommandInput,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { elementAt } from '../../../crypto/der.ts'
import { hasOpenssl, openssl } from '../../../crypto/testing/openssl.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { filesIn, search } from '../../../testing/secret-search.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { SOME_RECIPIENT, TRUSTS_NOBODY } from '../testing/attestation.ts'
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

function generate(input: Partial<GenerateDataKeyPairCommandInput> = {}) {
  const whole = { KeyId: key.id, KeyPairSpec: 'ECC_NIST_P256', ...input } as const
  return kms.send(new GenerateDataKeyPairCommand(whole))
}

async function told(input: Partial<GenerateDataKeyPairCommandInput>): Promise<string> {
  return (await refusalOf(generate(input))).name
}

/** Both halves of a new pair, once Decrypt gave back the private one as it was told. */
async function pairOf(KeyPairSpec: DataKeyPairSpec) {
  const { $metadata, ...made } = await generate({ KeyPairSpec, EncryptionContext })
  expect(made).toEqual({
    PrivateKeyCiphertextBlob: expect.any(Uint8Array),
    PrivateKeyPlaintext: expect.any(Uint8Array),
    PublicKey: expect.any(Uint8Array),
    KeyId: key.arn,
    KeyPairSpec,
    KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  const { PrivateKeyCiphertextBlob: CiphertextBlob } = made
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  expect(opened.Plaintext).toEqual(made.PrivateKeyPlaintext)
  expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
  expect((await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob })))).name).toBe(
    'InvalidCiphertextException',
  )
  return {
    pkcs8: Buffer.from(made.PrivateKeyPlaintext ?? []),
    spki: Buffer.from(made.PublicKey ?? []),
  }
}

describe.skipIf(!hasOpenssl)('openssl works with the pairs of GenerateDataKeyPair', () => {
  it.each<[DataKeyPairSpec, string]>([
    ['RSA_2048', '2048 bit'],
    ['RSA_3072', '3072 bit'],
    ['RSA_4096', '4096 bit'],
    ['ECC_NIST_P256', 'prime256v1'],
    ['ECC_NIST_P384', 'secp384r1'],
    ['ECC_NIST_P521', 'secp521r1'],
    ['ECC_SECG_P256K1', 'secp256k1'],
    ['ECC_NIST_EDWARDS25519', 'ED25519'],
  ])('of %s', async (spec, said) => {
    const { pkcs8, spki } = await pairOf(spec)
    const run = (command: string, files: Record<string, Uint8Array>) =>
      openssl({ key: pkcs8, spki, ...files }, ...command.split(' '))
    expect(run('pkey -inform DER -in key -check', {}).succeeded).toBe(true)
    expect(run('pkey -inform DER -in key -text -out out', {}).out.toString()).toContain(said)
    const half = run('pkey -inform DER -in key -pubout -outform DER -out out', {}).out
    expect(half).toEqual(spki)
    const message = Buffer.from('a statement')
    const isPlain = spec === 'ECC_NIST_EDWARDS25519'
    const how = isPlain ? 'pkeyutl -rawin' : 'dgst -sha256'
    const signing = isPlain ? '-sign -inkey key -keyform DER -in' : '-sign key -keyform DER'
    const signed = run(`${how} ${signing} ${isPlain ? 'message -out out' : '-out out message'}`, {
      message,
    })
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    expect(verify(isPlain ? null : 'sha256', message, publicKey, signed.out)).toBe(true)
  })
})

it.each([
  ['ML_KEM_512', ml_kem512],
  ['ML_KEM_768', ml_kem768],
  ['ML_KEM_1024', ml_kem1024],
] as const)(
  'GenerateDataKeyPair of %s: another implementation works with it',
  async (spec, kem) => {
    const { pkcs8, spki } = await pairOf(spec)
    const { cipherText, sharedSecret } = kem.encapsulate(elementAt(spki, 0, 1).subarray(1))
    const opened = kem.decapsulate(cipherText, elementAt(pkcs8, 0, 2, 0, 1))
    expect(Buffer.from(opened)).toEqual(Buffer.from(sharedSecret))
  },
)

it('GenerateDataKeyPair makes pairs for any use, also one that KMS keys do not have', async () => {
  const [first, second] = [await pairOf('ECC_SECG_P256K1'), await pairOf('ECC_SECG_P256K1')]
  const read = ({ pkcs8, spki }: typeof first) => ({
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  })
  const [ours, theirs] = [read(first), read(second)]
  const message = Buffer.from('a statement')
  const signature = sign('sha256', message, ours.privateKey)
  expect(verify('sha256', message, ours.publicKey, signature)).toBe(true)
  expect(verify('sha256', message, theirs.publicKey, signature)).toBe(false)
  const secret = diffieHellman({ privateKey: ours.privateKey, publicKey: theirs.publicKey })
  expect(diffieHellman({ privateKey: theirs.privateKey, publicKey: ours.publicKey })).toEqual(
    secret,
  )
})

it('GenerateDataKeyPair makes another pair each time, many at once', async () => {
  const made = await Promise.all(Array.from({ length: 12 }, () => generate()))
  const keys = made.map(({ PublicKey }) => Buffer.from(PublicKey ?? []).toString('hex'))
  expect(new Set(keys).size).toBe(12)
})

it('GenerateDataKeyPair encrypts under the current material, and what was before still opens', async () => {
  const rotated = await newKey(kms)
  const before = await generate({ KeyId: rotated.id })
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: rotated.id }))
  await server.sweepJobs()
  const later = await generate({ KeyId: rotated.id })
  expect(later.KeyMaterialId).not.toBe(before.KeyMaterialId)
  for (const made of [before, later]) {
    const { PrivateKeyCiphertextBlob: CiphertextBlob } = made
    const { Plaintext, KeyMaterialId } = await kms.send(new DecryptCommand({ CiphertextBlob }))
    expect([Plaintext, KeyMaterialId]).toEqual([made.PrivateKeyPlaintext, made.KeyMaterialId])
  }
})

it('GenerateDataKeyPair takes ARNs and aliases', async () => {
  const AliasName = 'alias/pairs'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  for (const KeyId of [key.arn, AliasName]) expect((await generate({ KeyId })).KeyId).toBe(key.arn)
})

it('GenerateDataKeyPair has no SM2, which is for Regions in China', async () => {
  expect(await refusalOf(generate({ KeyPairSpec: 'SM2' }))).toEqual(
    refusal('UnsupportedOperationException', 'KeyPairSpec SM2 is not supported by this server.'),
  )
})

it('GenerateDataKeyPair makes no pairs of specs that AWS has none of', async () => {
  for (const spec of ['ML_DSA_44', 'HMAC_256', 'SYMMETRIC_DEFAULT', '__proto__'] as const) {
    const { name, message } = await refusalOf(generate({ KeyPairSpec: spec as 'RSA_2048' }))
    expect(name).toBe('ValidationException')
    expect(message).toContain(`Value '${spec}' at 'keyPairSpec' failed to satisfy constraint`)
  }
  const nothing = await sendSigned(server, 'GenerateDataKeyPair', '{}')
  expect(nothing.body.message).toMatch(/^2 validation errors detected: Value null at/)
})

it.each<[KeySpec, KeyUsageType, string]>([
  [
    'RSA_2048',
    'ENCRYPT_DECRYPT',
    'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
  ],
  [
    'HMAC_256',
    'GENERATE_VERIFY_MAC',
    'key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKeyPair.',
  ],
])('GenerateDataKeyPair refuses a key %s for %s', async (spec, usage, sentence) => {
  const other = await newKeyOf(kms, spec, usage)
  const refused = await refusalOf(generate({ KeyId: other.id }))
  expect(refused.name).toBe('InvalidKeyUsageException')
  expect(refused.message).toContain(sentence)
})

it('GenerateDataKeyPair refuses a context that is too long, and enclaves it cannot check', async () => {
  expect(await refusalOf(generate({ EncryptionContext: { k: 'v'.repeat(8192) } }))).toEqual(
    refusal('ValidationException', 'The encryption context is longer than 8192 characters.'),
  )
  expect(await refusalOf(generate({ Recipient: SOME_RECIPIENT }))).toEqual(TRUSTS_NOBODY)
})

it('GenerateDataKeyPair as a dry run tells what would become of the call', async () => {
  expect(await told({ DryRun: true, KeyPairSpec: 'RSA_4096' })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, KeyPairSpec: 'SM2' })).toBe('UnsupportedOperationException')
  expect(await told({ DryRun: true, KeyId: NO_KEY_ID })).toBe('NotFoundException')
})

it('GenerateDataKeyPair checks permission, then existence, tokens, state, usage and spec', async () => {
  const disabled = await newKeyOf(kms, 'ECC_NIST_P256')
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
  expect(await told(wrong)).toBe('UnsupportedOperationException')
})

it('GenerateDataKeyPair leaves the private key in no record, log or file', async () => {
  const answer = generate({ EncryptionContext })
  expect(await recordOf(server, answer)).toMatchObject({
    eventName: 'GenerateDataKeyPair',
    readOnly: true,
    requestParameters: {
      keyId: key.id,
      keyPairSpec: 'ECC_NIST_P256',
      encryptionContext: EncryptionContext,
    },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  const pkcs8 = Buffer.from((await answer).PrivateKeyPlaintext ?? [])
  // The private number itself: ECPrivateKey (RFC 5915), within PKCS #8.
  const number = elementAt(pkcs8, 0, 2, 0, 1)
  expect(number).toHaveLength(32)
  const places = new Map([
    ...filesIn(server.directory),
    ['log', Buffer.from(server.logged.join('\n'))] as const,
  ])
  expect(search(places, new Map([['private key', number]]))).toEqual([])
})
