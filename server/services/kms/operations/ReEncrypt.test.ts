// ReEncrypt as callers see it: two keys, two permissions, two contexts.
import {
  CreateAliasCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addOtherAccount } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
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

const FROM = { app: 'old' }
const TO = { app: 'new' }

let server: TestServer
let kms: KMSClient
let source: StoredKey
let destination: StoredKey
let blob: Uint8Array
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  source = await newKey(kms)
  destination = await newKey(kms)
  blob = await sealed(kms, source)
})
afterAll(() => server.close())

async function sealed(client: KMSClient, { id }: StoredKey, context = FROM): Promise<Uint8Array> {
  const input = { KeyId: id, Plaintext: Buffer.from('secret'), EncryptionContext: context }
  return (await client.send(new EncryptCommand(input))).CiphertextBlob as Uint8Array
}

function reEncrypt(input: Partial<ReEncryptCommandInput> = {}, client = kms) {
  return client.send(
    new ReEncryptCommand({
      CiphertextBlob: blob,
      SourceEncryptionContext: FROM,
      DestinationKeyId: destination.id,
      DestinationEncryptionContext: TO,
      ...input,
    }),
  )
}

async function told(input: Partial<ReEncryptCommandInput>): Promise<string> {
  return (await refusalOf(reEncrypt(input))).name
}

async function opened(
  CiphertextBlob: Uint8Array | undefined,
  EncryptionContext: Record<string, string> = TO,
) {
  const answer = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  return { ...answer, text: Buffer.from(answer.Plaintext ?? []).toString() }
}

it('ReEncrypt moves a plaintext to another key and context, and names both keys', async () => {
  for (const SourceKeyId of [undefined, source.id, source.arn]) {
    const { $metadata, CiphertextBlob, ...answer } = await reEncrypt({ SourceKeyId })
    const { text, KeyId, KeyMaterialId } = await opened(CiphertextBlob)
    expect([text, KeyId]).toEqual(['secret', destination.arn])
    const before = await opened(blob, FROM)
    expect(answer).toEqual({
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      SourceKeyMaterialId: before.KeyMaterialId,
      DestinationKeyMaterialId: KeyMaterialId,
    })
  }
})

it('ReEncrypt changes the context alone, under the same key', async () => {
  const answer = await reEncrypt({ DestinationKeyId: source.arn })
  expect([answer.SourceKeyId, answer.KeyId]).toEqual([source.arn, source.arn])
  expect((await opened(answer.CiphertextBlob)).text).toBe('secret')
  expect(Buffer.from(answer.CiphertextBlob ?? []).equals(blob)).toBe(false)
})

it('ReEncrypt finds both keys by alias', async () => {
  for (const [AliasName, { id }] of [
    ['alias/from', source],
    ['alias/to', destination],
  ] as const) {
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }))
  }
  const answer = await reEncrypt({ SourceKeyId: 'alias/from', DestinationKeyId: 'alias/to' })
  expect([answer.SourceKeyId, answer.KeyId]).toEqual([source.arn, destination.arn])
})

it('ReEncrypt without contexts takes and gives a ciphertext without one', async () => {
  const bare = await reEncrypt({ DestinationEncryptionContext: undefined })
  expect((await opened(bare.CiphertextBlob, {})).text).toBe('secret')
  expect(await told({ SourceEncryptionContext: undefined })).toBe('InvalidCiphertextException')
  expect(await told({ SourceEncryptionContext: TO })).toBe('InvalidCiphertextException')
})

it('ReEncrypt opens and seals 4096 bytes', async () => {
  const Plaintext = Buffer.alloc(4096, 7)
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: source.id, Plaintext }))
  const moved = await reEncrypt({ CiphertextBlob, SourceEncryptionContext: {} })
  const answer = await opened(moved.CiphertextBlob)
  expect(Plaintext.equals(answer.Plaintext ?? Buffer.of())).toBe(true)
})

it('ReEncrypt refuses a ciphertext under another key than the one that is named', async () => {
  const expected = refusal(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  )
  expect(await refusalOf(reEncrypt({ SourceKeyId: destination.id }))).toEqual(expected)
})

it('ReEncrypt refuses what is no ciphertext, and asks for one', async () => {
  const junk = { CiphertextBlob: Buffer.from('no blob') }
  expect(await told(junk)).toBe('InvalidCiphertextException')
  expect(await told({ ...junk, SourceKeyId: source.id })).toBe('InvalidCiphertextException')
  const changed = Buffer.from(blob)
  changed[80] = (changed[80] as number) ^ 1
  expect(await told({ CiphertextBlob: changed })).toBe('InvalidCiphertextException')
  expect(await told({ CiphertextBlob: Buffer.of() })).toBe('ValidationException')
  expect(await told({ CiphertextBlob: Buffer.alloc(6145) })).toBe('ValidationException')
  expect(await told({ CiphertextBlob: Buffer.alloc(6144) })).toBe('InvalidCiphertextException')
  const body = `{"DestinationKeyId":"${destination.id}"}`
  expect((await sendSigned(server, 'ReEncrypt', body)).body).toEqual({
    __type: 'ValidationException',
    message:
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
  })
})

it('ReEncrypt demands kms:ReEncryptFrom of the source and kms:ReEncryptTo of the destination', async () => {
  const denied = await newKey(kms)
  const deniedBlob = await sealed(kms, denied)
  await alterKey(server, denied, { policy: POLICY_WITHOUT_DELEGATION })
  const because = (action: string) =>
    refusal(
      'AccessDeniedException',
      `User: arn:aws:iam::111122223333:root is not authorized to perform: ${action} on resource: ${denied.arn} because no resource-based policy allows the ${action} action`,
    )
  const from = { CiphertextBlob: deniedBlob, SourceKeyId: denied.id }
  expect(await refusalOf(reEncrypt(from))).toEqual(because('kms:ReEncryptFrom'))
  expect(await refusalOf(reEncrypt({ DestinationKeyId: denied.id }))).toEqual(
    because('kms:ReEncryptTo'),
  )
  // Found from the ciphertext alone, a key that may not be used does not exist.
  expect(await refusalOf(reEncrypt({ CiphertextBlob: deniedBlob }))).toEqual(UNREACHABLE)
})

it('ReEncrypt tells nobody whether a key that is not theirs exists', async () => {
  const theirs = server.kms({ credentials: await addOtherAccount(server) })
  const theirKey = await newKey(theirs)
  expect(await refusalOf(reEncrypt({ DestinationKeyId: theirKey.id }, theirs))).toEqual(UNREACHABLE)
  const [there, invented] = [
    await refusalOf(reEncrypt({ DestinationKeyId: theirKey.arn })),
    await refusalOf(reEncrypt({ DestinationKeyId: FOREIGN })),
  ]
  expect(there).toEqual(invented)
  expect(there.message).toContain('not authorized to perform: kms:ReEncryptTo on this resource')
  // Neither permission is told of before the other is there: no oracle for the own half.
  expect(await told({ SourceKeyId: FOREIGN, DestinationKeyId: NO_KEY_ID })).toBe(
    'AccessDeniedException',
  )
})

it('ReEncrypt finds either key missing, the source first', async () => {
  const missing = (id: string) =>
    refusal(
      'NotFoundException',
      `Key 'arn:aws:kms:us-east-1:111122223333:key/${id}' does not exist`,
    )
  const other = NO_KEY_ID.replace('0000', '1111')
  expect(await refusalOf(reEncrypt({ DestinationKeyId: NO_KEY_ID }))).toEqual(missing(NO_KEY_ID))
  expect(await refusalOf(reEncrypt({ SourceKeyId: other, DestinationKeyId: NO_KEY_ID }))).toEqual(
    missing(other),
  )
})

it('ReEncrypt needs both keys enabled', async () => {
  const disabled = (arn: string) => refusal('DisabledException', `${arn} is disabled.`)
  for (const key of [source, destination]) {
    await kms.send(new DisableKeyCommand({ KeyId: key.id }))
    expect(await refusalOf(reEncrypt())).toEqual(disabled(key.arn))
    await alterKey(server, key, { state: 'PendingDeletion' })
    expect(await refusalOf(reEncrypt())).toEqual(
      refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`),
    )
    await alterKey(server, key, { state: 'Disabled' })
    await kms.send(new EnableKeyCommand({ KeyId: key.id }))
  }
  await reEncrypt()
})

it('ReEncrypt takes the algorithm of its keys and no other', async () => {
  const algorithm = 'RSAES_OAEP_SHA_256'
  const expected = refusal(
    'InvalidKeyUsageException',
    `Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`,
  )
  expect(await refusalOf(reEncrypt({ SourceEncryptionAlgorithm: algorithm }))).toEqual(expected)
  expect(await refusalOf(reEncrypt({ DestinationEncryptionAlgorithm: algorithm }))).toEqual(
    expected,
  )
  expect(await told({ SourceEncryptionAlgorithm: 'ROT13' as 'SM2PKE' })).toBe('ValidationException')
  await reEncrypt({
    SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  })
})

it('ReEncrypt limits each context, and refuses grant tokens', async () => {
  const tooLong = { k: 'v'.repeat(8192) }
  for (const input of [
    { SourceEncryptionContext: tooLong },
    { DestinationEncryptionContext: tooLong },
  ]) {
    expect(await refusalOf(reEncrypt(input))).toEqual(
      refusal('ValidationException', 'The encryption context is longer than 8192 characters.'),
    )
  }
  expect(await told({ GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
})

it('ReEncrypt as a dry run that ignores the ciphertext asks about both keys alone', async () => {
  const asked = (input: Partial<ReEncryptCommandInput>) =>
    told({
      CiphertextBlob: undefined,
      SourceKeyId: source.id,
      DryRun: true,
      DryRunModifiers: ['IGNORE_CIPHERTEXT'],
      ...input,
    })
  expect(await asked({})).toBe('DryRunOperationException')
  expect(await asked({ CiphertextBlob: Buffer.from('no blob') })).toBe('DryRunOperationException')
  expect(await asked({ SourceKeyId: undefined })).toBe('ValidationException')
  expect(await asked({ SourceKeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await asked({ DestinationKeyId: FOREIGN })).toBe('AccessDeniedException')
  expect(await asked({ SourceKeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await asked({ DestinationKeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await asked({ SourceEncryptionAlgorithm: 'SM2PKE' })).toBe('InvalidKeyUsageException')
  const rsa = await newKeyOf(kms, 'RSA_2048', 'ENCRYPT_DECRYPT')
  const toRsa = {
    DestinationKeyId: rsa.id,
    DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
  } as const
  expect(await asked(toRsa)).toBe('ValidationException')
  const bare = { DestinationEncryptionContext: undefined }
  expect(await asked({ ...toRsa, ...bare })).toBe('DryRunOperationException')
  await kms.send(new DisableKeyCommand({ KeyId: rsa.id }))
  expect(await asked({ ...toRsa, ...bare })).toBe('DisabledException')
  expect(await asked({ DryRun: false })).toBe('ValidationException')
})

it('ReEncrypt as a dry run goes through every check and gives nothing', async () => {
  expect(await told({ DryRun: true })).toBe('DryRunOperationException')
  expect(await told({ DryRun: true, SourceEncryptionContext: TO })).toBe(
    'InvalidCiphertextException',
  )
})

it('The record of ReEncrypt names both keys and both contexts, and no ciphertext', async () => {
  const resourceOf = ({ arn: ARN }: StoredKey) => {
    return { accountId: '111122223333', type: 'AWS::KMS::Key', ARN }
  }
  const record = await recordOf(server, reEncrypt({ SourceKeyId: source.arn }))
  expect(record).toMatchObject({
    eventName: 'ReEncrypt',
    readOnly: true,
    requestParameters: {
      sourceKeyId: source.arn,
      sourceEncryptionContext: FROM,
      destinationKeyId: destination.id,
      destinationEncryptionContext: TO,
    },
    responseElements: null,
    resources: [source, destination].map(resourceOf),
  })
  expect(JSON.stringify(record)).not.toMatch(/ciphertextBlob|secret/i)
  const same = await recordOf(server, reEncrypt({ DestinationKeyId: source.id }))
  expect(same.resources).toEqual([resourceOf(source)])
})
