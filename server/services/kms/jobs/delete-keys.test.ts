// What becomes of keys whose waiting period is over.
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import type { KmsTables } from '../tables.ts'
import { eventsOf } from '../testing/recorded-events.ts'
import { alterKey, newKey, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

async function blobOf({ id }: StoredKey): Promise<Uint8Array> {
  const input = { KeyId: id, Plaintext: Buffer.from('x') }
  return (await kms.send(new EncryptCommand(input))).CiphertextBlob as Uint8Array
}

async function scheduled(): Promise<StoredKey> {
  const key = await newKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }))
  return key
}

/** Lets the waiting period of the key be over. */
function expire(key: StoredKey) {
  return alterKey(server, key, { deletes_at_ms: Date.now() })
}

function describe({ id }: StoredKey) {
  return kms.send(new DescribeKeyCommand({ KeyId: id }))
}

function missing({ arn }: StoredKey) {
  return refusal('NotFoundException', `Key '${arn}' does not exist`)
}

async function materialRows({ id }: StoredKey): Promise<number> {
  const rows = await server.storage.read
    .$extendTables<KmsTables>()
    .selectFrom('kms_key_materials')
    .selectAll()
    .where('key_id', '=', id)
    .execute()
  return rows.length
}

it('A key is there until its date, and gone after it, with all it could decrypt', async () => {
  const key = await newKey(kms)
  const blob = await blobOf(key)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.id }))
  await server.sweepJobs()
  const newBlob = await blobOf(key)
  expect(await materialRows(key)).toBe(2)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  await server.sweepJobs()
  expect((await describe(key)).KeyMetadata?.KeyState).toBe('PendingDeletion')
  await expire(key)
  await server.sweepJobs()
  expect(await refusalOf(describe(key))).toEqual(missing(key))
  expect(await materialRows(key)).toBe(0)
  for (const CiphertextBlob of [blob, newBlob]) {
    const open = (KeyId?: string) => kms.send(new DecryptCommand({ CiphertextBlob, KeyId }))
    expect((await refusalOf(open())).name).toBe('AccessDeniedException')
    expect(await refusalOf(open(key.id))).toEqual(missing(key))
  }
  const { Keys } = await kms.send(new ListKeysCommand({ Limit: 1000 }))
  expect(Keys?.map(({ KeyId }) => KeyId)).not.toContain(key.id)
})

it('Aliases and tags go with their key, and their names are free again', async () => {
  const key = await newKey(kms)
  const names = ['alias/gone-1', 'alias/gone-2']
  for (const AliasName of names) {
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
    await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))
  }
  const Tags = [{ TagKey: 'team', TagValue: 'a' }]
  await kms.send(new TagResourceCommand({ KeyId: key.id, Tags }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }))
  await expire(key)
  await server.sweepJobs()
  const { Aliases } = await kms.send(new ListAliasesCommand())
  expect(Aliases?.filter(({ AliasName }) => names.includes(AliasName ?? ''))).toEqual([])
  for (const KeyId of names) {
    expect((await refusalOf(kms.send(new DescribeKeyCommand({ KeyId })))).message).toContain(
      'is not found.',
    )
  }
  const other = await newKey(kms)
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/gone-1', TargetKeyId: other.id }))
  const found = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/gone-1' }))
  expect(found.KeyMetadata?.KeyId).toBe(other.id)
})

it('A key whose deletion was cancelled stays, though its date had come', async () => {
  const key = await scheduled()
  await expire(key)
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }))
  await server.sweepJobs()
  expect((await describe(key)).KeyMetadata?.KeyState).toBe('Disabled')
})

it('Keys whose date has not come, and keys without one, stay', async () => {
  const [due, later, enabled] = [await scheduled(), await scheduled(), await newKey(kms)]
  await expire(due)
  await alterKey(server, later, { deletes_at_ms: Date.now() + 60_000 })
  await server.sweepJobs()
  expect(await refusalOf(describe(due))).toEqual(missing(due))
  expect((await describe(later)).KeyMetadata?.KeyState).toBe('PendingDeletion')
  expect((await describe(enabled)).KeyMetadata?.KeyState).toBe('Enabled')
})

it('The deletion of a key is recorded once, as CloudTrail records it', async () => {
  const key = await scheduled()
  await expire(key)
  await server.sweepJobs()
  await server.sweepJobs()
  const [event, ...others] = await eventsOf(server, 'DeleteKey', key)
  expect(others).toEqual([])
  expect(event).toMatchObject({
    userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
    eventSource: 'kms.amazonaws.com',
    eventName: 'DeleteKey',
    awsRegion: 'us-east-1',
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: { keyId: key.arn },
    readOnly: false,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }],
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
  })
})

it('Key material that was deleted is not left in the file of the database', async () => {
  const key = await scheduled()
  const { wrapped } = await server.storage.read
    .$extendTables<KmsTables>()
    .selectFrom('kms_key_materials')
    .select('wrapped')
    .where('key_id', '=', key.id)
    .executeTakeFirstOrThrow()
  await expire(key)
  await server.sweepJobs()
  expect(Buffer.from(wrapped).equals(Buffer.alloc(wrapped.length))).toBe(false)
  const file = `${server.directory}/keyhold.db`
  new DatabaseSync(file).exec('pragma wal_checkpoint(truncate)')
  expect(readFileSync(file).includes(Buffer.from(wrapped))).toBe(false)
})
