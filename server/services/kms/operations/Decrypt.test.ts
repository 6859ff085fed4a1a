// Decrypt as callers see it.

import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { SOME_RECIPIENT, TRUSTS_NOBODY } from '../testing/attestation.ts'
import {
  alterKey,
  FOREIGN,
  NO_KEY_ID,
  newKey,
  newKeyOf,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'
import { UNREACHABLE } from '../testing/unreachable.ts'

const CONTEXT = { app: 'web', tenant: 'Ünïcödé' }
const INCORRECT_KEY = refusal(
  'IncorrectKeyException',
  'The key ID in the request does not identify a CMK that can perform this operation.',
)

let server: TestServer
let kms: KMSClient
let key: StoredKey
let blob: Buffer
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  key = await newKey(kms)
  blob = await sealed(kms, key, CONTEXT)
})
afterAll(() => server.close())

async function sealed(client: KMSClient, { id }: StoredKey, context?: Record<string, string>) {
  const { CiphertextBlob } = await client.send(
    new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('secret'), EncryptionContext: context }),
  )
  return Buffer.from(CiphertextBlob ?? [])
}

function decrypt(input: Partial<DecryptCommandInput> = {}) {
  const whole = { CiphertextBlob: blob, EncryptionContext: CONTEXT, ...input }
  return kms.send(new DecryptCommand(whole))
}

async function told(input: Partial<DecryptCommandInput>): Promise<string> {
  return (await refusalOf(decrypt(input))).name
}

it('Decrypt gives the plaintext and names key, material and algorithm', async () => {
  for (const KeyId of [undefined, key.id, key.arn]) {
    const answer = await decrypt({ KeyId })
    expect(Buffer.from(answer.Plaintext ?? []).toString()).toBe('secret')
    expect(answer.KeyId).toBe(key.arn)
    expect(answer.EncryptionAlgorithm).toBe('SYMMETRIC_DEFAULT')
    expect(answer.KeyMaterialId).toMatch(/^[0-9a-f]{64}$/)
    expect(answer.CiphertextForRecipient).toBeUndefined()
  }
})

it('Decrypt does not mind the order of the context, and takes none for an empty one', async () => {
  await decrypt({ EncryptionContext: { tenant: CONTEXT.tenant, app: CONTEXT.app } })
  const bare = await sealed(kms, key)
  await decrypt({ CiphertextBlob: bare, EncryptionContext: {} })
  await decrypt({ CiphertextBlob: await sealed(kms, key, {}), EncryptionContext: undefined })
})

it.each([
  ['none', undefined],
  ['an empty one', {}],
  ['another value', { ...CONTEXT, app: 'Web' }],
  ['another key', { App: 'web', tenant: CONTEXT.tenant }],
  ['a pair less', { app: 'web' }],
  ['a pair more', { ...CONTEXT, more: '' }],
  ['key and value run together', { appweb: '', tenant: CONTEXT.tenant }],
  ['another form of the same letters', { ...CONTEXT, tenant: CONTEXT.tenant.normalize('NFD') }],
])('Decrypt refuses the blob with another context: %s', async (_what, EncryptionContext) => {
  const expected = { name: 'InvalidCiphertextException', status: 400 }
  expect(await refusalOf(decrypt({ EncryptionContext }))).toMatchObject(expected)
})

it('Decrypt says nothing about what was wrong with a ciphertext', async () => {
  const body = JSON.stringify({ CiphertextBlob: blob.toString('base64') })
  expect((await sendSigned(server, 'Decrypt', body)).body).toEqual({
    __type: 'InvalidCiphertextException',
  })
})

it('Decrypt refuses a blob with any one bit changed', async () => {
  for (let at = 0; at < blob.length; at++) {
    const changed = Buffer.from(blob)
    changed[at] = (changed[at] as number) ^ (1 << (at % 8))
    const name = await told({ CiphertextBlob: changed })
    // Bytes 9 to 24 name the key: another one is not there, and not to be talked about.
    const ofAnotherKey = at >= 9 && at < 25
    const expected = ofAnotherKey ? /^AccessDenied/ : /^(AccessDenied|InvalidCiphertext)/
    expect([at, name]).toEqual([at, expect.stringMatching(expected)])
    const withKey = await told({ CiphertextBlob: changed, KeyId: key.id })
    expect(['IncorrectKeyException', 'InvalidCiphertextException']).toContain(withKey)
  }
})

it('Decrypt refuses a blob that was cut or has something added', async () => {
  for (let size = 1; size < blob.length; size += 7) {
    const cut = { CiphertextBlob: blob.subarray(0, size) }
    expect(await told(cut)).toBe('InvalidCiphertextException')
    expect(await told({ ...cut, KeyId: key.id })).toBe('InvalidCiphertextException')
  }
  const longer = Buffer.concat([blob, Buffer.of(0)])
  expect(await told({ CiphertextBlob: longer })).toBe('InvalidCiphertextException')
})

it.each([1, 6144])('Decrypt takes %i bytes for a ciphertext, though it is none', async (size) => {
  const noBlob = { CiphertextBlob: Buffer.alloc(size, 1) }
  expect(await told(noBlob)).toBe('InvalidCiphertextException')
})

it('Decrypt refuses a ciphertext of 0 or 6145 bytes, or none', async () => {
  const problem = async (CiphertextBlob: Buffer) =>
    (await refusalOf(decrypt({ CiphertextBlob }))).message
  const start =
    "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint:"
  expect(await problem(Buffer.of())).toBe(
    `${start} Member must have length greater than or equal to 1`,
  )
  expect(await problem(Buffer.alloc(6145))).toBe(
    `${start} Member must have length less than or equal to 6144`,
  )
  expect(await sendSigned(server, 'Decrypt', '{}')).toMatchObject({
    status: 400,
    body: {
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    },
  })
})

it('Decrypt with the id of another key refuses, though both keys are the caller’s', async () => {
  const other = await newKey(kms)
  expect(await refusalOf(decrypt({ KeyId: other.id }))).toEqual(INCORRECT_KEY)
  expect(await refusalOf(decrypt({ KeyId: other.arn }))).toEqual(INCORRECT_KEY)
})

it('Decrypt tells nobody of a key that is not theirs', async () => {
  const credentials = await addOtherAccount(server)
  const theirs = server.kms({ credentials })
  const decryptAs = (client: KMSClient, CiphertextBlob: Uint8Array) =>
    refusalOf(client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: CONTEXT })))
  const theirBlob = await sealed(theirs, await newKey(theirs), CONTEXT)
  expect(await decryptAs(theirs, blob)).toEqual(UNREACHABLE)
  expect(await decryptAs(kms, theirBlob)).toEqual(UNREACHABLE)
  // The same words as for a key that never was, and for one in another Region.
  const invented = Buffer.from(blob)
  invented.fill(9, 9, 25)
  expect(await decryptAs(kms, invented)).toEqual(UNREACHABLE)
  expect(await decryptAs(server.kms({ region: 'eu-west-1' }), blob)).toEqual(UNREACHABLE)
  const denied = await newKey(kms)
  const deniedBlob = await sealed(kms, denied, CONTEXT)
  await alterKey(server, denied, { policy: POLICY_WITHOUT_DELEGATION })
  expect(await decryptAs(kms, deniedBlob)).toEqual(UNREACHABLE)
})

it('Decrypt does not open a blob of the same key id under another account', async () => {
  const changed = Buffer.from(blob)
  changed.writeUIntBE(Number(OTHER_ACCOUNT), 3, 6)
  expect(await refusalOf(decrypt({ CiphertextBlob: changed, KeyId: key.id }))).toEqual(
    INCORRECT_KEY,
  )
})

it('Decrypt refuses another algorithm, a grant token, a recipient and dry-run modifiers', async () => {
  expect(await refusalOf(decrypt({ EncryptionAlgorithm: 'SM2PKE' }))).toEqual(
    refusal(
      'InvalidKeyUsageException',
      'Algorithm SM2PKE is incompatible with key spec SYMMETRIC_DEFAULT.',
    ),
  )
  expect(await refusalOf(decrypt({ GrantTokens: ['t'] }))).toEqual(
    refusal('InvalidGrantTokenException', 'The grant token is not valid.'),
  )
  expect(await refusalOf(decrypt({ Recipient: SOME_RECIPIENT }))).toEqual(TRUSTS_NOBODY)
})

it('Decrypt as a dry run that ignores the ciphertext asks about the key alone', async () => {
  const ignoring: Partial<DecryptCommandInput> = {
    DryRun: true,
    DryRunModifiers: ['IGNORE_CIPHERTEXT'],
  }
  const asked = (input: Partial<DecryptCommandInput>) =>
    told({ ...ignoring, KeyId: key.id, ...input })
  for (const CiphertextBlob of [undefined, Buffer.from('no blob'), blob]) {
    expect(await asked({ CiphertextBlob })).toBe('DryRunOperationException')
  }
  const without = { CiphertextBlob: undefined }
  expect(await asked({ ...without, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await asked({ ...without, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await asked({ ...without, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
  expect(await asked({ ...without, EncryptionAlgorithm: 'SM2PKE' })).toBe(
    'InvalidKeyUsageException',
  )
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  expect(await asked({ ...without, KeyId: disabled.id })).toBe('DisabledException')
  const rsa = await newKeyOf(kms, 'RSA_2048', 'ENCRYPT_DECRYPT')
  const ofRsa = { ...without, KeyId: rsa.id, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const
  expect(await asked(ofRsa)).toBe('ValidationException')
  expect(await asked({ ...ofRsa, EncryptionContext: {} })).toBe('DryRunOperationException')
  expect(await refusalOf(decrypt(ignoring))).toEqual(
    invalid("Value null at 'keyId' failed to satisfy constraint: Member must not be null"),
  )
})

it('Decrypt takes no other modifiers, and none for a call that is no dry run', async () => {
  const missing = invalid(
    "Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
  )
  const without = { CiphertextBlob: undefined, KeyId: key.id }
  for (const input of [
    without,
    { ...without, DryRun: true },
    { ...without, DryRun: true, DryRunModifiers: [] },
    { ...without, DryRunModifiers: ['IGNORE_CIPHERTEXT' as const] },
  ]) {
    expect(await refusalOf(decrypt(input))).toEqual(missing)
  }
  const { message } = await refusalOf(
    decrypt({ DryRun: true, DryRunModifiers: ['IGNORE_KEY' as 'IGNORE_CIPHERTEXT'] }),
  )
  expect(message).toContain("Value '[IGNORE_KEY]' at 'dryRunModifiers' failed to satisfy")
  const opened = await decrypt({ DryRunModifiers: ['IGNORE_CIPHERTEXT'] })
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret')
})

it('Decrypt as a dry run tells what would become of the call, and no plaintext', async () => {
  expect(await refusalOf(decrypt({ DryRun: true }))).toEqual(
    refusal(
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    ),
  )
  expect(await told({ DryRun: true, EncryptionContext: {} })).toBe('InvalidCiphertextException')
  expect(await told({ DryRun: true, KeyId: NO_KEY_ID })).toBe('NotFoundException')
})

it('Decrypt checks validity, permission, existence, state, usage, then the ciphertext', async () => {
  const disabled = await newKey(kms)
  await alterKey(server, disabled, { state: 'Disabled' })
  const wrong = { EncryptionAlgorithm: 'SM2PKE', CiphertextBlob: Buffer.from('no blob') } as const
  expect(await told({ ...wrong, KeyId: FOREIGN, CiphertextBlob: Buffer.of() })).toBe(
    'ValidationException',
  )
  expect(await told({ ...wrong, KeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await told({ ...wrong, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ ...wrong, KeyId: disabled.id })).toBe('DisabledException')
  expect(await told({ ...wrong, KeyId: key.id })).toBe('InvalidKeyUsageException')
  expect(await told({ CiphertextBlob: wrong.CiphertextBlob, KeyId: key.id })).toBe(
    'InvalidCiphertextException',
  )
})
