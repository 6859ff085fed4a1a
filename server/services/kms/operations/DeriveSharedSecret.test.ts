// DeriveSharedSecret as callers see it, with openssl as the other party.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import {
  CreateAliasCommand,
  DeriveSharedSecretCommand,
  type DeriveSharedSecretCommandInput,
  GetPublicKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hasOpenssl, openssl } from '../../../crypto/testing/openssl.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { SOME_RECIPIENT, TRUSTS_NOBODY } from '../testing/attestation.ts'
import { recordOf } from '../testing/recorded.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let key: StoredKey
/** The other party's key pair. */
const theirs = keyPair('prime256v1')
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
})
afterAll(() => server.close())

function keyPair(namedCurve: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  return {
    pkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }),
    spki: publicKey.export({ format: 'der', type: 'spki' }),
  }
}

function derive(input: Partial<DeriveSharedSecretCommandInput> = {}) {
  const whole = { KeyId: key.id, KeyAgreementAlgorithm: 'ECDH', PublicKey: theirs.spki } as const
  return kms.send(new DeriveSharedSecretCommand({ ...whole, ...input }))
}

async function told(input: Partial<DeriveSharedSecretCommandInput>): Promise<string> {
  return (await refusalOf(derive(input))).name
}

async function publicKeyOf({ id }: StoredKey): Promise<Buffer> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: id }))
  return Buffer.from(PublicKey ?? [])
}

it.skipIf(!hasOpenssl).each<[KeySpec, string, number]>([
  ['ECC_NIST_P256', 'prime256v1', 32],
  ['ECC_NIST_P384', 'secp384r1', 48],
  ['ECC_NIST_P521', 'secp521r1', 66],
])('DeriveSharedSecret with %s agrees with openssl on %s', async (spec, curve, bytes) => {
  const ours = await newKeyOf(kms, spec, 'KEY_AGREEMENT')
  const other = keyPair(curve)
  const { $metadata, ...answer } = await derive({ KeyId: ours.id, PublicKey: other.spki })
  expect(answer).toEqual({
    KeyId: ours.arn,
    SharedSecret: expect.any(Uint8Array),
    KeyAgreementAlgorithm: 'ECDH',
    KeyOrigin: 'AWS_KMS',
  })
  const files = { key: other.pkcs8, peer: await publicKeyOf(ours) }
  const keys = '-inkey key -keyform DER -peerkey peer -peerform DER -out out'
  const { out } = openssl(files, 'pkeyutl', '-derive', ...keys.split(' '))
  expect(out).toHaveLength(bytes)
  expect(Buffer.from(answer.SharedSecret ?? [])).toEqual(out)
})

it('DeriveSharedSecret gives two KMS keys the same secret, and every other pair another', async () => {
  const other = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
  const secretOf = async (KeyId: string, PublicKey: Uint8Array) =>
    Buffer.from((await derive({ KeyId, PublicKey })).SharedSecret ?? []).toString('hex')
  const secret = await secretOf(key.id, await publicKeyOf(other))
  expect(await secretOf(other.id, await publicKeyOf(key))).toBe(secret)
  expect(await secretOf(key.id, theirs.spki)).not.toBe(secret)
  expect(await secretOf(key.id, await publicKeyOf(key))).not.toBe(secret)
})

it('DeriveSharedSecret takes ARNs and aliases', async () => {
  const AliasName = 'alias/agreement'
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  for (const KeyId of [key.arn, AliasName]) expect((await derive({ KeyId })).KeyId).toBe(key.arn)
})

it('DeriveSharedSecret takes a point in its compressed form', async () => {
  const point = theirs.spki.subarray(-65)
  const header = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')
  const sign = Buffer.of(2 + ((point.at(-1) as number) & 1))
  const PublicKey = Buffer.concat([header, sign, point.subarray(1, 33)])
  expect((await derive({ PublicKey })).SharedSecret).toEqual((await derive()).SharedSecret)
})

const P256_HEADER = '3059301306072a8648ce3d020106082a8648ce3d030107034200'
const X = '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
const Y = '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'

it.each<[string, () => Uint8Array]>([
  ['a point beside the curve', () => Buffer.from(`${P256_HEADER}04${X}${Y.slice(0, -1)}4`, 'hex')],
  ['coordinates beyond the field', () => Buffer.from(`${P256_HEADER}04${'f'.repeat(128)}`, 'hex')],
  ['a point (0, 0)', () => Buffer.from(`${P256_HEADER}04${'0'.repeat(128)}`, 'hex')],
  [
    'the point at infinity',
    () => Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex'),
  ],
  ['a point of P-384', () => keyPair('secp384r1').spki],
  ['a point of secp256k1', () => keyPair('secp256k1').spki],
  [
    'an RSA key',
    () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
        format: 'der',
        type: 'spki',
      }),
  ],
  [
    'a key X25519',
    () => generateKeyPairSync('x25519').publicKey.export({ format: 'der', type: 'spki' }),
  ],
  ['a private key', () => theirs.pkcs8],
  ['a bare point', () => theirs.spki.subarray(-65)],
  ['a key with its end missing', () => theirs.spki.subarray(0, -1)],
  ['PEM', () => Buffer.from(createPem(theirs.spki))],
  ['8192 bytes of nothing', () => Buffer.alloc(8192)],
])('DeriveSharedSecret refuses %s', async (_what, made) => {
  expect(await refusalOf(derive({ PublicKey: made() }))).toEqual(
    refusal(
      'ValidationException',
      'PublicKey is not valid: pass a DER-encoded SubjectPublicKeyInfo of key spec ECC_NIST_P256.',
    ),
  )
})

function createPem(spki: Buffer): string {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  return key.export({ format: 'pem', type: 'spki' }).toString()
}

it.skipIf(!hasOpenssl)(
  'DeriveSharedSecret takes named curves alone: no parameters spelled out, right or forged',
  async () => {
    const make = '-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit'
    const { out } = openssl({}, 'genpkey', ...make.split(' '), '-outform', 'DER', '-out', 'out')
    const command = 'pkey -inform DER -in key -pubout -outform DER -out out'
    const spki = openssl({ key: out }, ...command.split(' ')).out
    expect(spki.length).toBeGreaterThan(200)
    expect(await told({ PublicKey: spki })).toBe('ValidationException')
    // Parameters that look like the curve's, with another generator: CVE-2020-0601.
    const forged = Buffer.from(spki)
    const at = forged.indexOf(Buffer.from(X, 'hex'))
    expect(at).toBeGreaterThan(0)
    forged[at] = (forged[at] as number) ^ 1
    expect(await told({ PublicKey: forged })).toBe('ValidationException')
  },
)

it('DeriveSharedSecret takes public keys of 1 to 8192 bytes and the one algorithm', async () => {
  const answer = await sendSigned(
    server,
    'DeriveSharedSecret',
    JSON.stringify({
      KeyId: '',
      KeyAgreementAlgorithm: 'X25519',
      PublicKey: Buffer.alloc(8193).toString('base64'),
    }),
  )
  expect(answer.body.message).toMatch(/^3 validation errors detected: /)
  for (const part of [
    "Value '' at 'keyId'",
    "Value 'X25519' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]",
    "Value at 'publicKey' failed to satisfy constraint: Member must have length less than or equal to 8192",
  ]) {
    expect(answer.body.message).toContain(part)
  }
  expect(await told({ PublicKey: Buffer.of() })).toBe('ValidationException')
  const nothing = await sendSigned(server, 'DeriveSharedSecret', '{}')
  expect(nothing.body.message).toMatch(/^3 validation errors detected: Value null at/)
})

it.each<[KeySpec, KeyUsageType]>([
  ['ECC_NIST_P256', 'SIGN_VERIFY'],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
])('DeriveSharedSecret refuses a key %s that is for %s', async (spec, usage) => {
  const other = await newKeyOf(kms, spec, usage)
  expect(await refusalOf(derive({ KeyId: other.id }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      `${other.arn} key usage is ${usage} which is not valid for DeriveSharedSecret.`,
    ),
  )
})

it('DeriveSharedSecret does not answer to an enclave that it cannot check', async () => {
  expect(await refusalOf(derive({ Recipient: SOME_RECIPIENT }))).toEqual(TRUSTS_NOBODY)
})

it('DeriveSharedSecret as a dry run gives no secret, and tells what would become of the call', async () => {
  expect(await told({ DryRun: true })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, PublicKey: Buffer.of(0) })).toBe('ValidationException')
  expect(await told({ DryRun: true, KeyId: NO_KEY_ID })).toBe('NotFoundException')
})

it('DeriveSharedSecret checks permission, then existence, tokens, state, usage and public key', async () => {
  const disabled = await newKeyOf(kms, 'ECC_NIST_P256')
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { PublicKey: Buffer.of(0) }
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('KMSInvalidStateException')
  await alterKey(server, disabled, { state: 'Enabled' })
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('InvalidKeyUsageException')
  expect(await told(wrong)).toBe('ValidationException')
})

it('DeriveSharedSecret is recorded without the secret', async () => {
  const answer = derive()
  const record = await recordOf(server, answer)
  expect(record).toMatchObject({
    eventName: 'DeriveSharedSecret',
    readOnly: true,
    requestParameters: { keyId: key.id, keyAgreementAlgorithm: 'ECDH' },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
  const secret = Buffer.from((await answer).SharedSecret ?? []).toString('base64')
  expect(JSON.stringify(record)).not.toContain(secret)
  expect(server.logged.join()).not.toContain(secret)
})
