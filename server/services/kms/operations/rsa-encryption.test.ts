// Encrypt, Decrypt and ReEncrypt with RSA keys, and what else a key is not for.
import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  type EncryptCommandInput,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { alterKey, newKey, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

const SHA_256 = 'RSAES_OAEP_SHA_256'
const NO_CONTEXT = refusal(
  'ValidationException',
  'An encryption context is supported only on operations with symmetric encryption KMS keys.',
)

let server: TestServer
let kms: KMSClient
let rsa: StoredKey
let symmetric: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  rsa = await newKeyOf(kms, 'RSA_2048', 'ENCRYPT_DECRYPT')
  symmetric = await newKey(kms)
})
afterAll(() => server.close())

const Plaintext = Buffer.from('secret')

function encrypt(input: Partial<EncryptCommandInput> = {}) {
  const whole = { KeyId: rsa.id, Plaintext, EncryptionAlgorithm: SHA_256, ...input } as const
  return kms.send(new EncryptCommand(whole))
}

function decrypt(CiphertextBlob: Uint8Array | undefined, input: Partial<DecryptCommandInput> = {}) {
  const whole = { KeyId: rsa.id, CiphertextBlob, EncryptionAlgorithm: SHA_256, ...input } as const
  return kms.send(new DecryptCommand(whole))
}

function reEncrypt(input: Partial<ReEncryptCommandInput>) {
  return kms.send(new ReEncryptCommand(input as ReEncryptCommandInput))
}

/** What somebody makes with the public key alone. */
async function encryptOutside(oaepHash: 'sha1' | 'sha256', plaintext = Plaintext): Promise<Buffer> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: rsa.id }))
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' })
  return publicEncrypt({ key, oaepHash, padding: constants.RSA_PKCS1_OAEP_PADDING }, plaintext)
}

describe.each([
  ['RSAES_OAEP_SHA_1', 'sha1', 214],
  ['RSAES_OAEP_SHA_256', 'sha256', 190],
] as const)('Encrypt and Decrypt by %s', (EncryptionAlgorithm, hash, longest) => {
  it('give back the plaintext, and tell no material', async () => {
    const { $metadata: _, CiphertextBlob, ...told } = await encrypt({ EncryptionAlgorithm })
    expect(told).toEqual({ KeyId: rsa.arn, EncryptionAlgorithm })
    expect(CiphertextBlob).toHaveLength(256)
    const { $metadata, ...opened } = await decrypt(CiphertextBlob, { EncryptionAlgorithm })
    expect(opened).toEqual({
      KeyId: rsa.arn,
      Plaintext: new Uint8Array(Plaintext),
      EncryptionAlgorithm,
    })
  })

  it('open what was encrypted outside with the public key', async () => {
    const { Plaintext: opened } = await decrypt(await encryptOutside(hash), { EncryptionAlgorithm })
    expect(Buffer.from(opened ?? [])).toEqual(Plaintext)
  })

  it('take the longest plaintext of the key and no more', async () => {
    await encrypt({ EncryptionAlgorithm, Plaintext: Buffer.alloc(longest) })
    const refused = encrypt({ EncryptionAlgorithm, Plaintext: Buffer.alloc(longest + 1) })
    expect(await refusalOf(refused)).toEqual(
      refusal(
        'ValidationException',
        `Algorithm ${EncryptionAlgorithm} and key spec RSA_2048 cannot encrypt data longer than ${longest} bytes.`,
      ),
    )
  })
})

it('Decrypt refuses what is no RSA ciphertext of the key, without a word on why', async () => {
  const other = await newKeyOf(kms, 'RSA_2048', 'ENCRYPT_DECRYPT')
  const { CiphertextBlob } = await encrypt()
  const flipped = Buffer.from(CiphertextBlob ?? [])
  flipped[7] = (flipped[7] as number) ^ 1
  for (const call of [
    () => decrypt(flipped),
    () => decrypt(CiphertextBlob, { EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }),
    () => decrypt(CiphertextBlob, { KeyId: other.id }),
    () => decrypt(flipped.subarray(1)),
    () => decrypt(Buffer.of(1)),
    () => decrypt(Buffer.alloc(6144, 255)),
    // Nothing in an RSA ciphertext says whose it is.
    () => decrypt(CiphertextBlob, { KeyId: undefined }),
  ]) {
    const told = await refusalOf(call())
    expect([told.name, told.status]).toEqual(['InvalidCiphertextException', 400])
  }
})

it('Encrypt and Decrypt with an RSA key refuse the algorithm of symmetric keys', async () => {
  const expected = refusal(
    'InvalidKeyUsageException',
    'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
  )
  const { CiphertextBlob } = await encrypt()
  const EncryptionAlgorithm = undefined
  expect(await refusalOf(encrypt({ EncryptionAlgorithm }))).toEqual(expected)
  expect(await refusalOf(decrypt(CiphertextBlob, { EncryptionAlgorithm }))).toEqual(expected)
  const asked = { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' } as const
  expect(await refusalOf(encrypt(asked))).toEqual(expected)
})

it('Encrypt, Decrypt and ReEncrypt with an RSA key refuse an encryption context', async () => {
  const EncryptionContext = { app: 'web' }
  const { CiphertextBlob } = await encrypt({ EncryptionContext: {} })
  expect(await refusalOf(encrypt({ EncryptionContext }))).toEqual(NO_CONTEXT)
  expect(await refusalOf(decrypt(CiphertextBlob, { EncryptionContext }))).toEqual(NO_CONTEXT)
  const refused = reEncrypt({
    CiphertextBlob,
    SourceKeyId: rsa.id,
    SourceEncryptionAlgorithm: SHA_256,
    SourceEncryptionContext: EncryptionContext,
    DestinationKeyId: symmetric.id,
  })
  expect(await refusalOf(refused)).toEqual(NO_CONTEXT)
})

it('ReEncrypt goes from RSA to symmetric and back, and tells the materials there are', async () => {
  const { CiphertextBlob } = await encrypt()
  const context = { app: 'web' }
  const { $metadata: _, ...there } = await reEncrypt({
    CiphertextBlob,
    SourceKeyId: rsa.id,
    SourceEncryptionAlgorithm: SHA_256,
    DestinationKeyId: symmetric.id,
    DestinationEncryptionContext: context,
  })
  expect(there).toEqual({
    CiphertextBlob: expect.any(Uint8Array),
    SourceKeyId: rsa.arn,
    KeyId: symmetric.arn,
    SourceEncryptionAlgorithm: SHA_256,
    DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    DestinationKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  const { $metadata, ...back } = await reEncrypt({
    CiphertextBlob: there.CiphertextBlob,
    SourceEncryptionContext: context,
    DestinationKeyId: rsa.id,
    DestinationEncryptionAlgorithm: SHA_256,
  })
  expect(back).toEqual({
    CiphertextBlob: expect.any(Uint8Array),
    SourceKeyId: symmetric.arn,
    KeyId: rsa.arn,
    SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    DestinationEncryptionAlgorithm: SHA_256,
    SourceKeyMaterialId: there.DestinationKeyMaterialId,
  })
  const { Plaintext: opened } = await decrypt(back.CiphertextBlob)
  expect(Buffer.from(opened ?? [])).toEqual(Plaintext)
})

it('ReEncrypt refuses what is too long for the RSA key that it goes to', async () => {
  const input = { KeyId: symmetric.id, Plaintext: Buffer.alloc(191) }
  const { CiphertextBlob } = await kms.send(new EncryptCommand(input))
  const refused = reEncrypt({
    CiphertextBlob,
    DestinationKeyId: rsa.id,
    DestinationEncryptionAlgorithm: SHA_256,
  })
  expect((await refusalOf(refused)).name).toBe('ValidationException')
})

describe('A key that is for something else', () => {
  const kinds: readonly [KeySpec, KeyUsageType][] = [
    ['RSA_2048', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
  ]

  it.each(kinds)('%s for %s is refused by all that encrypts', async (spec, usage) => {
    const { id: KeyId, arn } = await newKeyOf(kms, spec, usage)
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: symmetric.id, Plaintext }),
    )
    const told = (operation: string) =>
      refusal(
        'InvalidKeyUsageException',
        `${arn} key usage is ${usage} which is not valid for ${operation}.`,
      )
    const spec256 = { KeyId, KeySpec: 'AES_256' } as const
    for (const [operation, call] of [
      ['Encrypt', () => encrypt({ KeyId })],
      ['Encrypt', () => encrypt({ KeyId, EncryptionAlgorithm: undefined })],
      ['Decrypt', () => decrypt(CiphertextBlob, { KeyId })],
      ['ReEncrypt', () => reEncrypt({ CiphertextBlob, DestinationKeyId: KeyId })],
      ['GenerateDataKey', () => kms.send(new GenerateDataKeyCommand(spec256))],
      [
        'GenerateDataKeyWithoutPlaintext',
        () => kms.send(new GenerateDataKeyWithoutPlaintextCommand(spec256)),
      ],
    ] as const) {
      expect(await refusalOf(call())).toEqual(told(operation))
    }
  })

  it('an RSA key makes no data keys', async () => {
    const refused = kms.send(new GenerateDataKeyCommand({ KeyId: rsa.id, KeySpec: 'AES_256' }))
    expect(await refusalOf(refused)).toEqual(
      refusal(
        'InvalidKeyUsageException',
        'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
      ),
    )
  })

  it('is told of its state first', async () => {
    const disabled = await newKeyOf(kms, 'RSA_2048', 'SIGN_VERIFY')
    await alterKey(server, disabled, { state: 'Disabled' })
    const { name } = await refusalOf(encrypt({ KeyId: disabled.id }))
    expect(name).toBe('DisabledException')
  })
})
