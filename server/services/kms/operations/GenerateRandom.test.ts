// GenerateRandom as callers see it.
import {
  GenerateRandomCommand,
  type GenerateRandomCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { SOME_RECIPIENT, TRUSTS_NOBODY } from '../testing/attestation.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

function generate(input: GenerateRandomCommandInput) {
  return kms.send(new GenerateRandomCommand(input))
}

it.each([1, 32, 1024])('GenerateRandom gives %i bytes', async (size) => {
  const { Plaintext, CiphertextForRecipient } = await generate({ NumberOfBytes: size })
  expect(Plaintext?.length).toBe(size)
  expect(CiphertextForRecipient).toBeUndefined()
})

it('GenerateRandom never gives the same bytes twice', async () => {
  const given = await Promise.all(Array.from({ length: 50 }, () => generate({ NumberOfBytes: 16 })))
  const texts = given.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString('hex'))
  expect(new Set(texts).size).toBe(50)
})

it('GenerateRandom gives bytes of every value', async () => {
  const counts = new Array<number>(256).fill(0)
  for (let round = 0; round < 8; round++) {
    const { Plaintext } = await generate({ NumberOfBytes: 1024 })
    for (const byte of Plaintext ?? []) counts[byte] = (counts[byte] ?? 0) + 1
  }
  // 8192 bytes: 32 of each expected; that one is missing happens once in 10^11 runs.
  expect(Math.min(...counts)).toBeGreaterThan(0)
})

it('GenerateRandom refuses 0 or 1025 bytes', async () => {
  const at = (value: number, sentence: string) =>
    invalid(`Value '${value}' at 'numberOfBytes' failed to satisfy constraint: ${sentence}`)
  expect(await refusalOf(generate({ NumberOfBytes: 0 }))).toEqual(
    at(0, 'Member must have value greater than or equal to 1'),
  )
  expect(await refusalOf(generate({ NumberOfBytes: 1025 }))).toEqual(
    at(1025, 'Member must have value less than or equal to 1024'),
  )
})

it('GenerateRandom wants to know how many bytes', async () => {
  const expected = refusal('ValidationException', 'NumberOfBytes is required.')
  expect(await refusalOf(generate({}))).toEqual(expected)
  // An empty body is an input without members.
  expect((await sendSigned(server, 'GenerateRandom', '')).body.message).toBe(expected.message)
})

it('GenerateRandom finds no custom key store and takes no recipient', async () => {
  const CustomKeyStoreId = 'cks-1234567890abcdef0'
  expect(await refusalOf(generate({ NumberOfBytes: 8, CustomKeyStoreId }))).toEqual(
    refusal(
      'CustomKeyStoreNotFoundException',
      `Custom key store ${CustomKeyStoreId} does not exist.`,
    ),
  )
  const tooLong = 'c'.repeat(65)
  expect(await refusalOf(generate({ NumberOfBytes: 8, CustomKeyStoreId: tooLong }))).toEqual(
    invalid(
      `Value '${tooLong}' at 'customKeyStoreId' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ),
  )
  const Recipient = SOME_RECIPIENT
  expect(await refusalOf(generate({ NumberOfBytes: 8, Recipient }))).toEqual(TRUSTS_NOBODY)
})
