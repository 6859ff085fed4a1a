// Encrypt as callers see it.
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
let key: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms)
})
afterAll(() => server.close())

const DRY_RUN = 'The request would have succeeded, but the DryRun option is set.'

function encrypt(input: Partial<ConstructorParameters<typeof EncryptCommand>[0]>) {
  return kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from('hello'), ...input }))
}

it('Encrypt makes a blob that Decrypt opens, and names key and algorithm', async () => {
  const { CiphertextBlob, KeyId, EncryptionAlgorithm } = await encrypt({})
  expect({ KeyId, EncryptionAlgorithm }).toEqual({
    KeyId: key.arn,
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  })
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(Plaintext ?? []).toString()).toBe('hello')
})

it('Encrypt makes another blob of the same plaintext each time', async () => {
  const blobs = await Promise.all(Array.from({ length: 50 }, () => encrypt({})))
  const texts = blobs.map(({ CiphertextBlob }) => Buffer.from(CiphertextBlob ?? []).toString('hex'))
  expect(new Set(texts).size).toBe(50)
  for (const text of texts) expect(text).not.toContain(Buffer.from('hello').toString('hex'))
})

it.each([1, 4096])('Encrypt takes a plaintext of %i bytes', async (size) => {
  const plaintext = Buffer.alloc(size, 7)
  const { CiphertextBlob } = await encrypt({ Plaintext: plaintext })
  expect(CiphertextBlob?.length).toBeLessThanOrEqual(6144)
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(plaintext.equals(Plaintext ?? Buffer.of())).toBe(true)
})

it('Encrypt refuses a plaintext of 0 or 4097 bytes without repeating it', async () => {
  expect(await refusalOf(encrypt({ Plaintext: Buffer.of() }))).toEqual(
    invalid(
      "Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  )
  expect(await refusalOf(encrypt({ Plaintext: Buffer.alloc(4097, 'x') }))).toEqual(
    invalid(
      "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    ),
  )
})

it('Encrypt lists every problem of the input at once', async () => {
  const { status, body } = await sendSigned(
    server,
    'Encrypt',
    '{"EncryptionAlgorithm":"ROT13","GrantTokens":[""]}',
  )
  expect(status).toBe(400)
  expect(body.__type).toBe('ValidationException')
  expect(body.message).toBe(
    [
      "4 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
      "Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
      "Value '[]' at 'grantTokens' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]",
      "Value 'ROT13' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT]",
    ].join('; '),
  )
})

it('Encrypt takes an encryption context of 8192 characters and no more', async () => {
  const longest = { k: 'v'.repeat(8191) }
  const { CiphertextBlob } = await encrypt({ EncryptionContext: longest })
  await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: longest }))
  expect(await refusalOf(encrypt({ EncryptionContext: { kk: longest.k } }))).toEqual(
    refusal('ValidationException', 'The encryption context is longer than 8192 characters.'),
  )
})

it('Encrypt refuses an encryption context that is not Unicode', async () => {
  const body = `{"KeyId":"${key.id}","Plaintext":"aGk=","EncryptionContext":{"k":"\\ud800"}}`
  const answer = await sendSigned(server, 'Encrypt', body)
  expect(answer).toMatchObject({
    status: 400,
    body: {
      __type: 'ValidationException',
      message: 'The encryption context holds text that is not valid Unicode.',
    },
  })
})

it('Encrypt binds __proto__ and constructor in a context like any other key', async () => {
  const context = '{"__proto__":"a","constructor":"b"}'
  const { body } = await sendSigned(
    server,
    'Encrypt',
    `{"KeyId":"${key.id}","Plaintext":"aGk=","EncryptionContext":${context}}`,
  )
  const open = (given: string) =>
    sendSigned(
      server,
      'Decrypt',
      `{"CiphertextBlob":"${body.CiphertextBlob}","EncryptionContext":${given}}`,
    )
  expect((await open(context)).body.Plaintext).toBe('aGk=')
  expect((await open('{"constructor":"b"}')).body.__type).toBe('InvalidCiphertextException')
  expect((await open('{"__proto__":"c","constructor":"b"}')).body.__type).toBe(
    'InvalidCiphertextException',
  )
})

it('Encrypt takes the algorithm of the key and no other', async () => {
  await encrypt({ EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
  expect(await refusalOf(encrypt({ EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      'Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.',
    ),
  )
})

it('Encrypt refuses a grant token, since none was ever given out', async () => {
  await encrypt({ GrantTokens: [] })
  const expected = refusal('InvalidGrantTokenException', 'The grant token is not valid.')
  expect(await refusalOf(encrypt({ GrantTokens: ['t'] }))).toEqual(expected)
  expect(await refusalOf(encrypt({ GrantTokens: Array(10).fill('t'.repeat(8192)) }))).toEqual(
    expected,
  )
  const tooMany = await refusalOf(encrypt({ GrantTokens: Array(11).fill('t') }))
  expect(tooMany.message).toContain('Member must have length less than or equal to 10')
  const tooLong = await refusalOf(encrypt({ GrantTokens: ['t'.repeat(8193)] }))
  expect(tooLong.message).toContain('Member must have length less than or equal to 8192')
})

it('Encrypt as a dry run says that it would succeed, and gives nothing', async () => {
  expect(await refusalOf(encrypt({ DryRun: true }))).toEqual(
    refusal('DryRunOperationException', DRY_RUN),
  )
  expect((await encrypt({ DryRun: false })).CiphertextBlob).toBeDefined()
})

it('Encrypt as a dry run tells the error that the call would have', async () => {
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  const told = async (input: object) => (await refusalOf(encrypt({ DryRun: true, ...input }))).name
  expect(await told({ KeyId: disabled.id })).toBe('DisabledException')
  expect(await told({ KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ Plaintext: Buffer.of() })).toBe('ValidationException')
  expect(await told({ EncryptionAlgorithm: 'SM2PKE' })).toBe('InvalidKeyUsageException')
})

it('Encrypt checks validity, then permission, then existence, then state, then usage', async () => {
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  const told = async (input: object) => (await refusalOf(encrypt(input))).name
  const wrong = { EncryptionAlgorithm: 'SM2PKE' } as const
  const tooLong = { EncryptionContext: { k: 'v'.repeat(8192) } }
  expect(await told({ ...wrong, KeyId: FOREIGN, Plaintext: Buffer.of() })).toBe(
    'ValidationException',
  )
  expect(await told({ ...wrong, ...tooLong, KeyId: FOREIGN })).toBe('ValidationException')
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  expect(await told(wrong)).toBe('InvalidKeyUsageException')
})

it.each([
  ['a number where a string belongs', '{"KeyId":1,"Plaintext":"aGk="}'],
  ['a list where a map belongs', '{"KeyId":"k","Plaintext":"aGk=","EncryptionContext":[]}'],
  ['a number in the context', '{"KeyId":"k","Plaintext":"aGk=","EncryptionContext":{"a":1}}'],
  ['base64 that is none', '{"KeyId":"k","Plaintext":"a"}'],
  ['base64url', '{"KeyId":"k","Plaintext":"_-_-"}'],
  ['truncated JSON', '{"KeyId":"k","Plaintext":"aGk="'],
  ['a list as the body', '[]'],
  ['null as the body', 'null'],
])('Encrypt refuses %s as not serialised', async (_what, body) => {
  const answer = await sendSigned(server, 'Encrypt', body)
  expect([answer.status, answer.body.__type]).toEqual([400, 'SerializationException'])
})

it('Encrypt refuses a body that is not UTF-8', async () => {
  const body = Buffer.from(`{"KeyId":"${key.id}","Plaintext":"aGk=","X":"\xff"}`, 'latin1')
  const answer = await sendSigned(server, 'Encrypt', body)
  expect([answer.status, answer.body.__type]).toEqual([400, 'SerializationException'])
})

it('Encrypt ignores members that it does not know', async () => {
  const body = `{"KeyId":"${key.id}","Plaintext":"aGk=","Tomorrow":{"__proto__":[]}}`
  expect((await sendSigned(server, 'Encrypt', body)).status).toBe(200)
})
