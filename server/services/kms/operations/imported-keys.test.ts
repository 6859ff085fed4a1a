// Keys made and wrapped by the openssl command work here as they do there: docs/imported-keys.md.
import {
  DecryptCommand,
  DeriveSharedSecretCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KMSClient,
  RotateKeyOnDemandCommand,
  SignCommand,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WrappingAlgorithm } from '../../../crypto/algorithms.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { hasOpenssl, openssl } from '../../../crypto/testing/openssl.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { importByOpenssl, importInto, newExternalKey } from '../testing/importing.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { materialsOf } from '../testing/rotation.ts'

const MESSAGE = Buffer.from('signed here, verified there')

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

/** A new private key by openssl as PKCS #8, and its public key. */
function opensslPair(...options: readonly string[]) {
  const { out: pem } = openssl({}, 'genpkey', ...options, '-out', 'out')
  const to = ['-outform', 'DER', '-out', 'out']
  const pkcs8 = openssl({ pem }, 'pkcs8', '-topk8', '-nocrypt', '-in', 'pem', ...to).out
  const spki = openssl({ pem }, 'pkey', '-in', 'pem', '-pubout', ...to).out
  return { pkcs8: Buffer.from(pkcs8), spki }
}

describe.skipIf(!hasOpenssl)('A private key by openssl', () => {
  const RSA = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']
  const curve = (name: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`]
  const kinds: readonly [
    KeySpec,
    readonly string[],
    WrappingAlgorithm,
    SigningAlgorithmSpec,
    string,
  ][] = [
    ['RSA_2048', RSA, 'RSA_AES_KEY_WRAP_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_256', 'sha256'],
    ['RSA_2048', RSA, 'RSA_AES_KEY_WRAP_SHA_1', 'RSASSA_PKCS1_V1_5_SHA_512', 'sha512'],
    ['ECC_NIST_P256', curve('P-256'), 'RSAES_OAEP_SHA_256', 'ECDSA_SHA_256', 'sha256'],
    ['ECC_NIST_P384', curve('P-384'), 'RSAES_OAEP_SHA_1', 'ECDSA_SHA_384', 'sha384'],
    ['ECC_NIST_P521', curve('P-521'), 'RSA_AES_KEY_WRAP_SHA_256', 'ECDSA_SHA_512', 'sha512'],
    ['ECC_SECG_P256K1', curve('secp256k1'), 'RSAES_OAEP_SHA_256', 'ECDSA_SHA_256', 'sha256'],
  ]
  it.each(kinds)(
    '%s (%j) wrapped by %s signs for its public key',
    async (KeySpec, options, wrapping, SigningAlgorithm, hash) => {
      const { pkcs8, spki } = opensslPair(...options)
      const { id: KeyId, arn } = await newExternalKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' })
      await importByOpenssl(kms, { id: KeyId, arn }, pkcs8, wrapping)
      const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }))
      expect(Buffer.from(PublicKey ?? [])).toEqual(spki)
      const input = { KeyId, Message: MESSAGE, SigningAlgorithm }
      const signature = (await kms.send(new SignCommand(input))).Signature as Uint8Array
      const verify = (text: Uint8Array) =>
        openssl(
          { spki, signature, text },
          ...['dgst', `-${hash}`, '-verify', 'spki', '-keyform', 'DER'],
          ...['-signature', 'signature', 'text'],
        ).succeeded
      expect(verify(MESSAGE)).toBe(true)
      expect(verify(Buffer.from('another'))).toBe(false)
    },
  )

  it('Ed25519 signs for its public key', async () => {
    const { pkcs8, spki } = opensslPair('-algorithm', 'ED25519')
    const KeySpec = 'ECC_NIST_EDWARDS25519'
    const key = await newExternalKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' })
    await importByOpenssl(kms, key, pkcs8, 'RSAES_OAEP_SHA_256')
    const SigningAlgorithm = 'ED25519_SHA_512'
    const input = { KeyId: key.id, Message: MESSAGE, SigningAlgorithm } as const
    const signature = (await kms.send(new SignCommand(input))).Signature as Uint8Array
    const { succeeded } = openssl(
      { spki, signature, text: MESSAGE },
      ...['pkeyutl', '-verify', '-pubin', '-inkey', 'spki', '-keyform', 'DER', '-rawin'],
      ...['-in', 'text', '-sigfile', 'signature'],
    )
    expect(succeeded).toBe(true)
  })

  it('RSA decrypts what openssl encrypts for it', async () => {
    const { pkcs8, spki } = opensslPair(...RSA)
    const input = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } as const
    const key = await newExternalKey(kms, input)
    await importByOpenssl(kms, key, pkcs8, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_3072')
    const oaep = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256']
    const { out } = openssl(
      { spki, text: MESSAGE },
      ...['pkeyutl', '-encrypt', '-pubin', '-inkey', 'spki', '-keyform', 'DER'],
      ...['-in', 'text', '-out', 'out', ...oaep.flatMap((each) => ['-pkeyopt', each])],
    )
    const opened = await kms.send(
      new DecryptCommand({
        KeyId: key.id,
        CiphertextBlob: out,
        EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      }),
    )
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(MESSAGE)
  })

  it('agrees on a secret with openssl', async () => {
    const [ours, theirs] = [opensslPair(...curve('P-384')), opensslPair(...curve('P-384'))]
    const input = { KeySpec: 'ECC_NIST_P384', KeyUsage: 'KEY_AGREEMENT' } as const
    const key = await newExternalKey(kms, input)
    await importByOpenssl(kms, key, ours.pkcs8, 'RSAES_OAEP_SHA_256', 'RSA_3072')
    const KeyAgreementAlgorithm = 'ECDH'
    const derived = await kms.send(
      new DeriveSharedSecretCommand({
        KeyId: key.id,
        KeyAgreementAlgorithm,
        PublicKey: theirs.spki,
      }),
    )
    expect(derived.KeyOrigin).toBe('EXTERNAL')
    const { out } = openssl(
      { own: theirs.pkcs8, peer: ours.spki },
      ...['pkeyutl', '-derive', '-inkey', 'own', '-keyform', 'DER'],
      ...['-peerkey', 'peer', '-peerform', 'DER', '-out', 'out'],
    )
    expect(Buffer.from(derived.SharedSecret ?? [])).toEqual(out)
  })

  it('comes again in another encoding, and no other comes in its place', async () => {
    const { pkcs8 } = opensslPair(...curve('P-256'))
    const input = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const
    const key = await newExternalKey(kms, input)
    await importByOpenssl(kms, key, pkcs8, 'RSAES_OAEP_SHA_256')
    const form = ['-inform', 'DER', '-in', 'pkcs8', '-conv_form', 'compressed', '-out', 'out']
    const { out: ec } = openssl({ pkcs8 }, 'ec', ...form)
    const to = ['-topk8', '-nocrypt', '-in', 'ec', '-outform', 'DER', '-out', 'out']
    const compressed = openssl({ ec }, 'pkcs8', ...to).out
    expect(compressed).not.toEqual(pkcs8)
    await importByOpenssl(kms, key, compressed, 'RSA_AES_KEY_WRAP_SHA_256')
    const other = opensslPair(...curve('P-256')).pkcs8
    const told = await refusalOf(importByOpenssl(kms, key, other, 'RSAES_OAEP_SHA_256'))
    expect(told.name).toBe('IncorrectKeyMaterialException')
  })

  it('of another spec than its KMS key is refused', async () => {
    const { pkcs8 } = opensslPair(...curve('P-384'))
    const input = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const
    const key = await newExternalKey(kms, input)
    const told = await refusalOf(importByOpenssl(kms, key, pkcs8, 'RSA_AES_KEY_WRAP_SHA_256'))
    expect(told.name).toBe('IncorrectKeyMaterialException')
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
    expect(KeyMetadata?.KeyState).toBe('PendingImport')
  })
})

describe.skipIf(!hasOpenssl)('An HMAC key', () => {
  it.each<[KeySpec, WrappingAlgorithm, number, 'HMAC_SHA_256' | 'HMAC_SHA_512', string]>([
    ['HMAC_256', 'RSAES_OAEP_SHA_1', 32, 'HMAC_SHA_256', 'sha256'],
    ['HMAC_512', 'RSAES_OAEP_SHA_256', 100, 'HMAC_SHA_512', 'sha512'],
  ])(
    '%s wrapped by %s gives the MACs of openssl',
    async (KeySpec, wrapping, bytes, MacAlgorithm, hash) => {
      const material = randomBytes(bytes)
      const key = await newExternalKey(kms, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' })
      await importByOpenssl(kms, key, material, wrapping)
      const input = { KeyId: key.id, Message: MESSAGE, MacAlgorithm }
      const { Mac } = await kms.send(new GenerateMacCommand(input))
      const { out } = openssl(
        { text: MESSAGE },
        ...['dgst', `-${hash}`, '-mac', 'HMAC', '-macopt', `hexkey:${material.toString('hex')}`],
        ...['-binary', '-out', 'out', 'text'],
      )
      expect(Buffer.from(Mac ?? [])).toEqual(out)
    },
  )
})

describe('A symmetric key with imported material', () => {
  it('rotates to what was imported for it, and goes on decrypting', async () => {
    const key = await newExternalKey(kms)
    const rotate = () => kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
    expect(await refusalOf(rotate())).toEqual(
      refusal('KMSInvalidStateException', `${key.arn} is pending import.`),
    )
    const first = await importInto(kms, key, randomBytes(32))
    expect(await refusalOf(rotate())).toEqual(
      refusal(
        'KMSInvalidStateException',
        `No available key material pending rotation for the key: ${key.arn}.`,
      ),
    )
    const Plaintext = Buffer.from('old')
    const old = await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext }))
    const second = await importInto(kms, key, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' })
    await rotate()
    await server.sweepJobs()
    const listed = { KeyId: key.arn, ImportState: 'IMPORTED' }
    expect(await materialsOf(kms, key)).toEqual([
      {
        ...listed,
        KeyMaterialId: first.KeyMaterialId,
        KeyMaterialState: 'NON_CURRENT',
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      },
      {
        ...listed,
        KeyMaterialId: second.KeyMaterialId,
        KeyMaterialState: 'CURRENT',
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        RotationDate: expect.any(Date),
        RotationType: 'ON_DEMAND',
      },
    ])
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
    expect(KeyMetadata?.CurrentKeyMaterialId).toBe(second.KeyMaterialId)
    const fresh = await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext }))
    for (const [{ CiphertextBlob }, KeyMaterialId] of [
      [old, first.KeyMaterialId],
      [fresh, second.KeyMaterialId],
    ] as const) {
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob }))
      expect(opened.KeyMaterialId).toBe(KeyMaterialId)
    }
    expect(await eventsOf(server, 'RotateKey', key)).toMatchObject([
      {
        serviceEventDetails: {
          keyOrigin: 'EXTERNAL',
          rotationType: 'ON_DEMAND',
          previousKeyMaterialId: first.KeyMaterialId,
          currentKeyMaterialId: second.KeyMaterialId,
        },
      },
    ])
    // Whatever was rotated away is no more to rotate to.
    expect((await refusalOf(rotate())).name).toBe('KMSInvalidStateException')
    await importInto(kms, key, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' })
    await rotate()
    await server.sweepJobs()
    expect(await materialsOf(kms, key)).toHaveLength(3)
  })

  it('does not rotate by itself', async () => {
    const key = await newExternalKey(kms)
    const expected = refusal(
      'UnsupportedOperationException',
      `${key.arn} origin is EXTERNAL which is not valid for this operation.`,
    )
    for (const command of [EnableKeyRotationCommand, DisableKeyRotationCommand]) {
      expect(await refusalOf(kms.send(new command({ KeyId: key.id })))).toEqual(expected)
    }
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId: key.id }))
    expect(status.KeyRotationEnabled).toBe(false)
  })
})
