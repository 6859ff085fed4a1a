// More RSA pairs wanted than are made: some are refused, and nobody else notices.
import {
  CreateKeyCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GetParametersForImportCommand,
  type KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { PrimeSearchIsFull, primeSearch, rsaPairs, workOf } from '../../../crypto/prime-search.ts'
import { primeThread } from '../../../crypto/prime-thread.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import { newKey, newKeyOf, type StoredKey } from '../testing/stored-key.ts'
import { generateKeyPair } from './new-key-pair.ts'

const THROTTLED = refusal(
  'ThrottlingException',
  'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
)

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms({ maxAttempts: 1 })
  key = await newKey(kms)
})
afterAll(() => server.close())

function generate() {
  return kms.send(new GenerateDataKeyPairCommand({ KeyId: key.id, KeyPairSpec: 'RSA_4096' }))
}

it('A flood of RSA pairs is refused beyond the bound, and others are answered while the rest is made', async () => {
  const signing = await newKeyOf(kms, 'ML_DSA_44', 'SIGN_VERIFY')
  const thread = primeThread()
  const gate = Promise.withResolvers<void>()
  const make = (modulusBits: number) => gate.promise.then(() => thread.make(modulusBits))
  vi.spyOn(rsaPairs, 'make').mockImplementation(primeSearch({ make }, workOf(4096)).make)

  const answered: string[] = []
  const refused: unknown[] = []
  // One is being made and one waits; the other four must be told before those two are.
  const four = Promise.withResolvers<void>()
  const flood = Array.from({ length: 6 }, async () => {
    try {
      const made = await generate()
      answered.push('pair')
      return made
    } catch (error) {
      if (refused.push(await refusalOf(Promise.reject(error))) === 4) four.resolve()
      return undefined
    }
  })
  await four.promise
  expect(refused).toEqual(Array(4).fill(THROTTLED))

  gate.resolve()
  for (let count = 0; count < 3; count++) {
    await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('a secret') }))
    await kms.send(
      new SignCommand({
        KeyId: signing.id,
        Message: Buffer.from('a statement'),
        SigningAlgorithm: 'ML_DSA_SHAKE_256',
      }),
    )
    answered.push('others')
  }
  const made = (await Promise.all(flood)).filter((pair) => pair !== undefined)
  expect(made).toHaveLength(2)
  expect(answered.at(-1)).toBe('pair')
  expect(
    new Set(made.map(({ PublicKey }) => Buffer.from(PublicKey ?? []).toString('hex'))).size,
  ).toBe(2)
})

it('Whatever needs an RSA pair is refused while too many are wanted, and the record says so', async () => {
  const imported = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
  vi.spyOn(rsaPairs, 'make').mockRejectedValue(new PrimeSearchIsFull())
  const KeyId = key.id
  const calls = [
    generate,
    () =>
      kms.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: 'RSA_2048' })),
    () => kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })),
    () =>
      kms.send(
        new GetParametersForImportCommand({
          KeyId: imported.KeyMetadata?.KeyId,
          WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
          WrappingKeySpec: 'RSA_2048',
        }),
      ),
  ]
  for (const call of calls) expect(await refusalOf(call())).toEqual(THROTTLED)
  expect(await recordOf(server, generate())).toMatchObject({
    eventName: 'GenerateDataKeyPair',
    errorCode: 'ThrottlingException',
    errorMessage: THROTTLED.message,
    responseElements: null,
  })
})

it('Pairs without primes are made while too many RSA pairs are wanted', async () => {
  vi.spyOn(rsaPairs, 'make').mockRejectedValue(new PrimeSearchIsFull())
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  )
  expect(KeyMetadata?.KeyState).toBe('Enabled')
})

it('A pair that could not be made for another reason is no matter of rates', async () => {
  vi.spyOn(rsaPairs, 'make').mockRejectedValue(new Error('no memory'))
  await expect(generateKeyPair('RSA_2048')).rejects.toThrow('no memory')
})
