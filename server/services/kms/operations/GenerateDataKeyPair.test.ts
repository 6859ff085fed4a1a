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
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { describe, expect, it } from 'vitest'
import { elementAt } from '../../../crypto/der.ts'
import { hasOpenssl, openssl } from '../../../crypto/testing/openssl.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { filesIn, search } from '../../../testing/secret-search.ts'
import { SOME_RECIPIENT, TRUSTS_NOBODY } from '../testing/attestation.ts'
import { describeDataKeyPairs } from '../testing/data-key-pairs.ts'
import { recordOf } from '../testing/recorded.ts'
import { newKey, newKeyOf } from '../testing/stored-key.ts'

const EncryptionContext = { purpose: 'test' }

const on = describeDataKeyPairs('GenerateDataKeyPair')

function generate(input: Partial<GenerateDataKeyPairCommandInput> = {}) {
  const whole = { KeyId: on.key.id, KeyPairSpec: 'ECC_NIST_P256', ...input } as const
  return on.kms.send(new GenerateDataKeyPairCommand(whole))
}

/** Both halves of a new pair, once Decrypt gave back the private one as it was told. */
async function pairOf(KeyPairSpec: DataKeyPairSpec) {
  const { $metadata, ...made } = await generate({ KeyPairSpec, EncryptionContext })
  expect(made).toEqual({
    PrivateKeyCiphertextBlob: expect.any(Uint8Array),
    PrivateKeyPlaintext: expect.any(Uint8Array),
    PublicKey: expect.any(Uint8Array),
    KeyId: on.key.arn,
    KeyPairSpec,
    KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  const { PrivateKeyCiphertextBlob: CiphertextBlob } = made
  const opened = await on.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  expect(opened.Plaintext).toEqual(made.PrivateKeyPlaintext)
  expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
  expect((await refusalOf(on.kms.send(new DecryptCommand({ CiphertextBlob })))).name).toBe(
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
  const rotated = await newKey(on.kms)
  const before = await generate({ KeyId: rotated.id })
  await on.kms.send(new RotateKeyOnDemandCommand({ KeyId: rotated.id }))
  await on.server.sweepJobs()
  const later = await generate({ KeyId: rotated.id })
  expect(later.KeyMaterialId).not.toBe(before.KeyMaterialId)
  for (const made of [before, later]) {
    const { PrivateKeyCiphertextBlob: CiphertextBlob } = made
    const { Plaintext, KeyMaterialId } = await on.kms.send(new DecryptCommand({ CiphertextBlob }))
    expect([Plaintext, KeyMaterialId]).toEqual([made.PrivateKeyPlaintext, made.KeyMaterialId])
  }
})

it('GenerateDataKeyPair takes ARNs and aliases', async () => {
  const AliasName = 'alias/pairs'
  await on.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: on.key.id }))
  for (const KeyId of [on.key.arn, AliasName]) {
    expect((await generate({ KeyId })).KeyId).toBe(on.key.arn)
  }
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
  const other = await newKeyOf(on.kms, spec, usage)
  const refused = await refusalOf(generate({ KeyId: other.id }))
  expect(refused.name).toBe('InvalidKeyUsageException')
  expect(refused.message).toContain(sentence)
})

it('GenerateDataKeyPair refuses a recipient whose enclave it cannot check', async () => {
  expect(await refusalOf(generate({ Recipient: SOME_RECIPIENT }))).toEqual(TRUSTS_NOBODY)
})

it('GenerateDataKeyPair leaves the private key in no record, log or file', async () => {
  const made = generate({ EncryptionContext })
  // The record has joined its chain by then.
  await recordOf(on.server, made)
  const pkcs8 = Buffer.from((await made).PrivateKeyPlaintext ?? [])
  // The private number itself: ECPrivateKey (RFC 5915), within PKCS #8.
  const number = elementAt(pkcs8, 0, 2, 0, 1)
  expect(number).toHaveLength(32)
  const places = new Map([
    ...filesIn(on.server.directory),
    ['log', Buffer.from(on.server.logged.join('\n'))] as const,
  ])
  expect(search(places, new Map([['private key', number]]))).toEqual([])
})
