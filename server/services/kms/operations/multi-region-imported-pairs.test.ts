// Multi-Region key pairs and HMAC keys with imported material, which they keep for ever: they work alike in
// every Region.
import {
  GenerateMacCommand,
  GetPublicKeyCommand,
  type KMSClient,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newKeyPair, withPrivateKeyBytes } from '../../../crypto/key-pair.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { hasOpenssl } from '../../../crypto/testing/openssl.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { importByOpenssl, importInto } from '../testing/importing.ts'
import { newPrimary, REPLICA_REGION, replicate } from '../testing/multi-region.ts'
import { notTheSame, pendingImport } from '../testing/multi-region-imports.ts'

let server: TestServer
let kms: KMSClient
let there: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  there = server.kms({ region: REPLICA_REGION })
})
afterAll(() => server.close())

describe.skipIf(!hasOpenssl)('Related keys with one imported material for ever', () => {
  async function pairBytes(spec: 'RSA_2048' | 'ECC_NIST_P256') {
    const { privateKey } = await newKeyPair(spec)
    return withPrivateKeyBytes(privateKey, (pkcs8) => Buffer.from(pkcs8))
  }

  it.each([
    ['RSA_2048', 'RSA_AES_KEY_WRAP_SHA_256', 'RSASSA_PSS_SHA_256'],
    ['ECC_NIST_P256', 'RSAES_OAEP_SHA_256', 'ECDSA_SHA_256'],
  ] as const)(
    'sign for one another: %s wrapped by %s',
    async (KeySpec, wrapping, SigningAlgorithm) => {
      const [pkcs8, other] = [await pairBytes(KeySpec), await pairBytes(KeySpec)]
      const kind = { KeySpec, KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' } as const
      const primary = await newPrimary(kms, kind)
      await importByOpenssl(kms, primary, pkcs8, wrapping)
      const replica = await replicate(server, primary)
      const KeyId = primary.id
      expect(await refusalOf(there.send(new GetPublicKeyCommand({ KeyId })))).toEqual(
        pendingImport(replica),
      )
      expect(await refusalOf(importByOpenssl(there, replica, other, wrapping))).toEqual(
        notTheSame(replica),
      )
      await importByOpenssl(there, replica, pkcs8, wrapping)
      const input = { KeyId, Message: Buffer.from('m'), SigningAlgorithm }
      const { Signature } = await there.send(new SignCommand(input))
      const verified = await kms.send(new VerifyCommand({ ...input, Signature }))
      expect(verified.SignatureValid).toBe(true)
    },
  )

  it('make the same MACs', async () => {
    const material = randomBytes(64)
    const primary = await newPrimary(kms, {
      KeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
      Origin: 'EXTERNAL',
    })
    await importInto(kms, primary, material)
    const replica = await replicate(server, primary)
    expect(await refusalOf(importInto(there, replica, randomBytes(64)))).toEqual(
      notTheSame(replica),
    )
    await importInto(there, replica, material)
    const input = {
      KeyId: primary.id,
      Message: Buffer.from('m'),
      MacAlgorithm: 'HMAC_SHA_256',
    } as const
    const { Mac } = await there.send(new GenerateMacCommand(input))
    expect((await kms.send(new VerifyMacCommand({ ...input, Mac }))).MacValid).toBe(true)
  })
})
