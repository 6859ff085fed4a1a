// GetKeyLastUsage as callers see it, and what policies make of it: kms:TrailingDaysWithoutKeyUsage.
import { join } from 'node:path'
import {
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetKeyLastUsageCommand,
  GetPublicKeyCommand,
  KeyLastUsageTrackingOperation,
  type KMSClient,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRootKeyFile } from '../../../seal/file-seal.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { kms as service } from '../service.ts'
import { recordOf } from '../testing/recorded.ts'
import { recordsOf } from '../testing/records-of.ts'
import { alterKey, NO_KEY_ID, newKey, newKeyOf, type StoredKey } from '../testing/stored-key.ts'
import { keyUsageStore } from '../usage/key-usage-store.ts'

const DAY_MS = 86_400_000
const X = Buffer.from('x')

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

async function usageOf({ id }: StoredKey) {
  const { $metadata, ...told } = await kms.send(new GetKeyLastUsageCommand({ KeyId: id }))
  return told
}

it('GetKeyLastUsage of a key that was never used tells since when it could have been', async () => {
  const key = await newKeyOf(kms, 'ECC_NIST_P256')
  await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  await kms.send(new GetPublicKeyCommand({ KeyId: key.id }))
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
  expect(await usageOf(key)).toEqual({
    KeyId: key.id,
    KeyLastUsage: {},
    TrackingStartDate: KeyMetadata?.CreationDate,
    KeyCreationDate: KeyMetadata?.CreationDate,
  })
})

it('GetKeyLastUsage tells the last use, by the ids of its answer and its record', async () => {
  const key = await newKey(kms)
  const encrypted = await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: X }))
  expect((await usageOf(key)).KeyLastUsage?.Operation).toBe('Encrypt')
  const answer = kms.send(new DecryptCommand({ CiphertextBlob: encrypted.CiphertextBlob }))
  const record = await recordOf(server, answer)
  const { KeyLastUsage: last } = await usageOf(key)
  expect(last).toEqual({
    Operation: 'Decrypt',
    Timestamp: expect.any(Date),
    CloudTrailEventId: record.eventID,
    KmsRequestId: (await answer).$metadata.requestId,
  })
  const seconds = Math.floor((last?.Timestamp?.getTime() ?? 0) / 1000)
  expect(seconds).toBe(Date.parse(String(record.eventTime)) / 1000)
})

it('GetKeyLastUsage counts neither what failed nor what was only tried', async () => {
  const key = await newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC')
  const generate = (input: object) =>
    kms.send(
      new GenerateMacCommand({
        KeyId: key.id,
        Message: X,
        MacAlgorithm: 'HMAC_SHA_256',
        ...input,
      }),
    )
  await refusalOf(generate({ DryRun: true }))
  await refusalOf(generate({ MacAlgorithm: 'HMAC_SHA_512' }))
  await refusalOf(kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: X })))
  expect((await usageOf(key)).KeyLastUsage).toEqual({})
  await generate({})
  expect((await usageOf(key)).KeyLastUsage?.Operation).toBe('GenerateMac')
})

it('ReEncrypt is a use of both keys, told to each owner by the id of their own record', async () => {
  const source = await newKey(kms)
  const theirs = server.kms({ credentials: await addOtherAccount(server) })
  const destination = await newKey(theirs)
  const Principal = { AWS: ['111122223333', OTHER_ACCOUNT] }
  const statement = { Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await theirs.send(new PutKeyPolicyCommand({ KeyId: destination.id, Policy }))
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: source.id, Plaintext: X }))
  const move = kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: destination.arn }))
  const records = await recordsOf(server, move)
  const eventIdOf = (account: string) =>
    records.find(({ recipientAccountId }) => recipientAccountId === account)?.eventID
  const ours = (await usageOf(source)).KeyLastUsage
  const other = await theirs.send(new GetKeyLastUsageCommand({ KeyId: destination.id }))
  expect([ours?.Operation, other.KeyLastUsage?.Operation]).toEqual(['ReEncrypt', 'ReEncrypt'])
  expect(ours?.CloudTrailEventId).toBe(eventIdOf('111122223333'))
  expect(other.KeyLastUsage?.CloudTrailEventId).toBe(eventIdOf(OTHER_ACCOUNT))
  expect(ours?.CloudTrailEventId).not.toBe(other.KeyLastUsage?.CloudTrailEventId)
  // Each account asks about its own keys.
  const foreign = kms.send(new GetKeyLastUsageCommand({ KeyId: destination.arn }))
  expect((await refusalOf(foreign)).name).toBe('AccessDeniedException')
})

it('Every operation that AWS tracks notes its use, and no other does', () => {
  const noting = Object.entries(service.operations).filter(([, operation]) => 'used' in operation)
  const tracked = Object.values(KeyLastUsageTrackingOperation)
  expect(noting.map(([name]) => name).sort()).toEqual([...tracked].sort())
})

it('GetKeyLastUsage answers about keys in every state', async () => {
  const key = await newKeyOf(kms, 'ECC_NIST_P256')
  const input = { KeyId: key.id, Message: X, SigningAlgorithm: 'ECDSA_SHA_256' } as const
  await kms.send(new SignCommand(input))
  for (const state of ['Disabled', 'PendingDeletion']) {
    await alterKey(server, key, { state })
    expect((await usageOf(key)).KeyLastUsage?.Operation).toBe('Sign')
  }
})

it('GetKeyLastUsage takes key ids and ARNs, checks validity, permission, then existence', async () => {
  const key = await newKey(kms)
  const told = async (KeyId: string) =>
    (await refusalOf(kms.send(new GetKeyLastUsageCommand({ KeyId })))).name
  const byArn = await kms.send(new GetKeyLastUsageCommand({ KeyId: key.arn }))
  expect(byArn.KeyId).toBe(key.id)
  expect((await sendSigned(server, 'GetKeyLastUsage', '{}')).body.__type).toBe(
    'ValidationException',
  )
  expect(await told('')).toBe('ValidationException')
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
  expect(await told(foreign)).toBe('AccessDeniedException')
  expect(await told(NO_KEY_ID)).toBe('NotFoundException')
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/usage', TargetKeyId: key.id }))
  expect(await told('alias/usage')).toBe('InvalidArnException')
  expect(await told('arn:aws:s3:::bucket')).toBe('InvalidArnException')
})

it('GetKeyLastUsage is recorded without its answer', async () => {
  const key = await newKey(kms)
  const answer = kms.send(new GetKeyLastUsageCommand({ KeyId: key.id }))
  expect(await recordOf(server, answer)).toMatchObject({
    eventName: 'GetKeyLastUsage',
    readOnly: true,
    requestParameters: { keyId: key.id },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  })
})

/** A key that is not to be taken away before it rested for 30 days. */
async function guardedKey(createdDaysAgo: number, usedDaysAgo?: number): Promise<StoredKey> {
  const key = await newKey(kms)
  const Principal = { AWS: '*' }
  const guard = {
    Effect: 'Deny',
    Principal,
    Action: ['kms:DisableKey', 'kms:ScheduleKeyDeletion'],
    Resource: '*',
    Condition: { NumericLessThan: { 'kms:TrailingDaysWithoutKeyUsage': '30' } },
  }
  const root = { AWS: 'arn:aws:iam::111122223333:root' }
  const all = { Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [all, guard] })
  await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy }))
  const daysAgoMs = (days: number) => Date.now() - days * DAY_MS
  await alterKey(server, key, { created_at_ms: Math.round(daysAgoMs(createdDaysAgo)) })
  if (usedDaysAgo !== undefined) {
    const root = readRootKeyFile(join(server.directory, 'root.key'))
    const usage = keyUsageStore(server.storage, root, { warn: () => {} })
    const place = { ...key, account: '111122223333', region: 'us-east-1' }
    const atMs = Math.round(daysAgoMs(usedDaysAgo))
    usage.note(place, { operation: 'Sign', atMs, eventId: 'event', requestId: 'request' })
    await usage.flush()
  }
  return key
}

it.each<[string, number, number | undefined, boolean]>([
  ['used a month ago', 90, 30.01, true],
  ['used a little later than that: days are rounded down', 90, 29.9, false],
  ['used today', 90, 0, false],
  ['never used in a month since it was made', 30.01, undefined, true],
  ['never used since it was made, not long ago', 29.9, undefined, false],
])('kms:TrailingDaysWithoutKeyUsage of a key %s', async (_what, createdAgo, usedAgo, allowed) => {
  const key = await guardedKey(createdAgo, usedAgo)
  const uses = [
    () => kms.send(new DisableKeyCommand({ KeyId: key.id })),
    () => kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id })),
  ]
  for (const use of uses) {
    if (allowed) await use()
    else expect((await refusalOf(use())).name).toBe('AccessDeniedException')
  }
})

it('kms:TrailingDaysWithoutKeyUsage knows of a use as soon as it was answered', async () => {
  const key = await guardedKey(90)
  await kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: X }))
  const disable = kms.send(new DisableKeyCommand({ KeyId: key.id }))
  expect((await refusalOf(disable)).name).toBe('AccessDeniedException')
})
